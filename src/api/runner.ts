/** How a request becomes a call of its operation, and what comes of that an answer. */

import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { check, type Problem } from '../contract/checker.ts';
import { JsonExcess, PLAIN_BODY, type BodyLimits } from '../contract/json-bounds.ts';
import type { RouteContract } from '../contract/route.ts';
import { isLong } from '../contract/short-echo.ts';
import { Type, type TSchema } from '../contract/type.ts';
import type { WireBody } from '../contract/wire-json.ts';
import { isUuid, readUuid } from '../core/ids.ts';
import { isPromise, type MaybePromise } from '../core/maybe-promise.ts';
import { send } from './answering.ts';
import { othersServed, type BodyTurns } from './body-turns.ts';
import type { FairTurns } from './fair-turns.ts';
import { InvalidBody, invalidAnswer, NOT_FOUND } from './failures.ts';
import type { Answer, Call, Operation } from './operation.ts';
import { wrongLimitAnswer } from './page.ts';
import type { BodyReader } from './sent-body.ts';

export interface Bodies {
  readonly reader: BodyReader;
  readonly turns: BodyTurns;
  readonly fair: FairTurns;
}

/** Sends by itself, and makes no promise of its own: what an operation knows at once is sent at once. */
export function runner({ contract, handle }: Operation, { reader, turns, fair }: Bodies): (request: FastifyRequest, reply: FastifyReply) => void {
  const pathNames = [...contract.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
  const querySchema = contract.query && Type.Object({ ...contract.query });
  const limits = contract.bodyLimits ?? PLAIN_BODY;
  const answerTo = (request: FastifyRequest, params: Call['params'], body: WireBody, problems: Problem[], isBodyLong: boolean): MaybePromise<Answer> => {
    const query = querySchema ? checked(querySchema, flat(request.query as Record<string, unknown>), 'query', problems) : {};
    if (problems.length > 0) return wrongLimitAnswer(contract.body, body.plain) ?? invalidAnswer(problems, body.plain, isBodyLong);
    return handle({
      params, query: query as Call['query'], body: body.plain as Call['body'], exact: asRecord(body.exact), headers: request.headers,
      origin: `${request.protocol}://${request.host}`,
    });
  };
  return (request, reply) => {
    const params = pathParams(contract, pathNames, request.params as Record<string, string>);
    if (params === null) return send(reply, NOT_FOUND);
    const { body: schema } = contract;
    if (!schema) {
      const answer = (): void => settle(reply, () => answerTo(request, params, NO_BODY, [], false));
      return contract.access === 'open' ? answer() : fair.run(answer);
    }
    withSentText(request, reader, limits, (text, giveBack) => {
      const problems: Problem[] = [];
      let sent: unknown = null;
      const answerParsed = (parsed: WireBody | Answer): MaybePromise<Answer> => {
        if ('status' in parsed) return parsed;
        const answerChecked = (plain: unknown): MaybePromise<Answer> => {
          sent = plain;
          return answerTo(request, params, { plain, exact: parsed.exact }, problems, isLong(text));
        };
        if (parsed === NOTHING || problems.length > 0) return answerChecked(parsed.plain);
        const { plain } = parsed;
        if (isPlainList(schema) && Array.isArray(plain) && plain.length > ELEMENTS_A_TURN) return listChecked(schema, plain, problems, isLong(text)).then(answerChecked);
        return answerChecked(checked(schema, plain, 'body', problems, isLong(text)));
      };
      fair.run(() => settle(reply, () => {
        const parsing = bodyOf(contract, text, limits, turns, problems);
        return isPromise(parsing) ? parsing.then(answerParsed) : answerParsed(parsing);
      }, (error) => (error instanceof InvalidBody ? invalidAnswer(error.problems, sent, isLong(text)) : null), giveBack));
    }, (error) => fail(reply, error));
  };
}

/**
 * Sends what comes of it, now or later.
 *
 * @param explain what is to be answered to an error that is the sender's
 * @param after is called when all is known that is sent
 */
function settle(reply: FastifyReply, work: () => MaybePromise<Answer>, explain?: (error: unknown) => Answer | null, after?: (() => void) | null): void {
  const sendIt = (answer: Answer): void => {
    after?.();
    try {
      send(reply, answer);
    } catch (error) {
      fail(reply, error);
    }
  };
  const failed = (error: unknown): void => {
    const answer = explain?.(error) ?? null;
    if (answer !== null) return sendIt(answer);
    after?.();
    fail(reply, error);
  };
  try {
    const answering = work();
    if (isPromise(answering)) answering.then(sendIt, failed);
    else sendIt(answering);
  } catch (error) {
    failed(error);
  }
}

/** By way of the error handler. */
function fail(reply: FastifyReply, error: unknown): void {
  void reply.send(error instanceof Error ? error : new Error(String(error)));
}

/** @param take hears the text, empty where nothing but space was sent, and what gives its room back */
function withSentText(
  request: FastifyRequest, reader: BodyReader, { bytesMax }: BodyLimits, take: (text: string, giveBack: (() => void) | null) => void, refuse: (error: Error) => void,
): void {
  const stream = request.body as Readable | null | undefined;
  if (stream) reader.read(stream, request.headers, bytesMax, (text, giveBack) => take(/\S/.test(text) ? text : '', giveBack), refuse);
  else take('', null);
}

const NO_BODY: WireBody = { plain: undefined, exact: {} };
/** Nothing was sent where nothing need be. */
const NOTHING: WireBody = Object.freeze({ plain: Object.freeze({}), exact: Object.freeze({}) });

/** What was sent, not checked yet; or the answer, where it is not even looked at. An empty text: nothing was sent. */
function bodyOf(contract: RouteContract, text: string, limits: BodyLimits, turns: BodyTurns, problems: Problem[]): MaybePromise<WireBody | Answer> {
  const isOptional = contract.isBodyOptional === true;
  if (text === '') {
    if (!isOptional) problems.push({ type: 'missing', loc: ['body'], msg: 'Field required', input: null });
    return isOptional ? NOTHING : { plain: null, exact: {} };
  }
  const given = (parsed: WireBody): WireBody => (parsed.plain === null && isOptional ? NOTHING : parsed);
  const refused = (error: unknown): WireBody | Answer => {
    if (error instanceof JsonExcess && error.kind === 'values') return { status: 413, body: { detail: `The body has ${error.message}.` } };
    problems.push({ type: 'json_invalid', loc: ['body'], msg: `JSON decode error: ${error instanceof Error ? error.message : String(error)}`, input: {} });
    return { plain: null, exact: {} };
  };
  try {
    const parsing = turns.parse(text, limits);
    return isPromise(parsing) ? parsing.then(given, refused) : given(parsing);
  } catch (error) {
    return refused(error);
  }
}

function checked(schema: TSchema, value: unknown, where: 'body' | 'query', problems: Problem[], isBodyLong = false): unknown {
  const result = check(schema, value, where, isBodyLong);
  if (result.ok) return result.value;
  problems.push(...result.problems);
  return value;
}

const ELEMENTS_A_TURN = 500;

/** A batch of any length: each part of it is a batch, too. */
function isPlainList(schema: TSchema): boolean {
  const { type, minItems, maxItems } = schema as { readonly type?: unknown; readonly minItems?: unknown; readonly maxItems?: unknown };
  return type === 'array' && minItems === undefined && maxItems === undefined;
}

/** In pieces, between which others are served; up to the first one in which something is wrong. */
async function listChecked(schema: TSchema, list: readonly unknown[], problems: Problem[], isBodyLong: boolean): Promise<readonly unknown[]> {
  const fit: unknown[] = [];
  for (let start = 0; start < list.length; start += ELEMENTS_A_TURN) {
    if (start > 0) await othersServed();
    const result = check(schema, list.slice(start, start + ELEMENTS_A_TURN), 'body', isBodyLong);
    if (!result.ok) {
      problems.push(...result.problems.map((problem) => ({ ...problem, loc: problem.loc.map((part, depth) => (depth === 1 ? Number(part) + start : part)) })));
      return list;
    }
    for (const element of result.value as readonly unknown[]) fit.push(element);
  }
  return fit;
}

/** `null` when one does not fit its schema: then there is no such resource. */
function pathParams(contract: RouteContract, names: readonly string[], given: Readonly<Record<string, string>>): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (const name of names) {
    const value = given[name] ?? '';
    const schema = contract.params?.[name];
    const id = readUuid(value);
    if (schema === undefined ? name === 'id' && id === null : !check(schema, value, 'path').ok) return null;
    params[name] = (schema === undefined ? id : isUuid(value) ? id : null) ?? value;
  }
  return params;
}

/** A parameter that is given twice counts once, by its last value. */
function flat(query: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, Array.isArray(value) ? (value as unknown[]).at(-1) : value]));
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
