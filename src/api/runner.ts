/** Turns a request into a call of its operation, and the outcome into an answer. */

import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { check, checkBody, type Checked, type Problem } from '../contract/checker.ts';
import { JsonExcess, PLAIN_BODY, type BodyLimits } from '../contract/json-bounds.ts';
import type { RouteContract } from '../contract/route.ts';
import { jsonFault } from '../contract/json-in-steps.ts';
import { isLong } from '../contract/short-echo.ts';
import { Type, type TSchema } from '../contract/type.ts';
import type { WireBody } from '../contract/wire-json.ts';
import { isUuid, readUuid } from '../core/ids.ts';
import { isPromise, type MaybePromise } from '../core/maybe-promise.ts';
import { send } from './answering.ts';
import { yieldToOtherRequests, type PacedBodyParser } from './body-turns.ts';
import type { FairTurns } from './fair-turns.ts';
import { InvalidBody, invalidAnswer } from './failures.ts';
import type { Answer, Call, Operation } from './operation.ts';
import { wrongLimitAnswer } from './page.ts';
import type { BodyReader } from './sent-body.ts';

export interface Bodies {
  readonly reader: BodyReader;
  readonly turns: PacedBodyParser;
  readonly fair: FairTurns;
  /** The answer when no route matches. */
  readonly elsewise: (method: string, target: string) => Answer;
}

/** Sends the answer itself, without a promise if the operation is synchronous. */
export function runner(
  { contract, handle }: Operation,
  { reader, turns, fair, elsewise }: Bodies,
): (request: FastifyRequest, reply: FastifyReply) => void {
  const pathNames = [...contract.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
  const querySchema = contract.query && Type.Object({ ...contract.query });
  const limits = contract.bodyLimits ?? PLAIN_BODY;
  const answerTo = (
    request: FastifyRequest,
    params: Call['params'],
    body: WireBody,
    problems: Problem[],
    isBodyLong: boolean,
  ): MaybePromise<Answer> => {
    const asked = querySchema ? flat(request.query as Record<string, unknown>) : {};
    const query = querySchema ? valueOf(check(querySchema, asked, 'query'), asked, problems) : {};
    if (problems.length > 0)
      return wrongLimitAnswer(contract.body, body.plain) ?? invalidAnswer(problems, body.plain, isBodyLong);
    return handle({
      params,
      query: query as Call['query'],
      body: body.plain as Call['body'],
      exact: asRecord(body.exact),
      headers: request.headers,
      origin: `${request.protocol}://${request.host}`,
    });
  };
  return (request, reply) => {
    const misfits: Problem[] = [];
    const params = pathParams(contract, pathNames, request.params as Record<string, string>, misfits);
    if (params === null) return send(reply, elsewise(request.method, request.url));
    const { body: schema } = contract;
    if (!schema) {
      const answer = (): void => settle(reply, () => answerTo(request, params, NO_BODY, misfits, false));
      return contract.access === 'open' ? answer() : fair.run(answer);
    }
    withSentText(
      request,
      reader,
      limits,
      (text, giveBack) => {
        const problems = [...misfits];
        let sent: unknown = null;
        const answerParsed = (parsed: WireBody | Answer): MaybePromise<Answer> => {
          if ('status' in parsed) return parsed;
          sent = parsed.plain;
          const answerChecked = (plain: unknown): MaybePromise<Answer> => {
            return answerTo(request, params, { plain, exact: parsed.exact }, problems, isLong(text));
          };
          if (parsed === NOTHING || problems.length > 0) return answerChecked(parsed.plain);
          const { plain } = parsed;
          if (isPlainList(schema) && Array.isArray(plain) && plain.length > ELEMENTS_A_TURN)
            return listChecked(schema, plain, problems, isLong(text)).then(answerChecked);
          return answerChecked(valueOf(checkBody(schema, plain, isLong(text)), plain, problems));
        };
        fair.run(() =>
          settle(
            reply,
            () => {
              const parsing = bodyOf(contract, text, limits, turns, problems);
              return isPromise(parsing) ? parsing.then(answerParsed) : answerParsed(parsing);
            },
            (error) => (error instanceof InvalidBody ? invalidAnswer(error.problems, sent, isLong(text)) : null),
            giveBack,
          ),
        );
      },
      (error) => fail(reply, error),
    );
  };
}

/**
 * Sends the outcome, now or later.
 *
 * @param explain makes the answer to an error of the caller
 * @param after is called when the answer is complete
 */
function settle(
  reply: FastifyReply,
  work: () => MaybePromise<Answer>,
  explain?: (error: unknown) => Answer | null,
  after?: (() => void) | null,
): void {
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

/** Passes the error to Fastify's error handler. */
function fail(reply: FastifyReply, error: unknown): void {
  void reply.send(error instanceof Error ? error : new Error(String(error)));
}

/**
 * @param take called with the text (empty if only white space was sent), and a function that releases its share of the
 * budget
 */
function withSentText(
  request: FastifyRequest,
  reader: BodyReader,
  { bytesMax }: BodyLimits,
  take: (text: string, giveBack: (() => void) | null) => void,
  refuse: (error: Error) => void,
): void {
  const stream = request.body as Readable | null | undefined;
  if (stream) reader.read(stream, request.headers, bytesMax, (text, giveBack) => take(textOf(text), giveBack), refuse);
  else take('', null);
}

/** The text without a byte order mark. */
function textOf(sent: string): string {
  const text = sent.startsWith('\ufeff') ? sent.slice(1) : sent;
  return /\S/.test(text) ? text : '';
}

const NO_BODY: WireBody = { plain: undefined, exact: {} };
/** An absent body where none is needed. */
const NOTHING: WireBody = Object.freeze({ plain: Object.freeze({}), exact: Object.freeze({}) });

/** The parsed body, before validation; or the answer, if it is refused unread. An empty text counts as no body. */
function bodyOf(
  contract: RouteContract,
  text: string,
  limits: BodyLimits,
  turns: PacedBodyParser,
  problems: Problem[],
): MaybePromise<WireBody | Answer> {
  const isOptional = contract.isBodyOptional === true;
  if (text === '') return isOptional ? NOTHING : { plain: null, exact: {} };
  const given = (parsed: WireBody): WireBody => (parsed.plain === null && isOptional ? NOTHING : parsed);
  const refused = (error: unknown): WireBody | Answer => {
    if (error instanceof JsonExcess && error.kind === 'values')
      return { status: 413, body: { detail: `The body has ${error.message}.` } };
    problems.push(unreadable(text, error));
    return { plain: text, exact: {} };
  };
  try {
    const parsing = turns.parse(text, limits);
    return isPromise(parsing) ? parsing.then(given, refused) : given(parsing);
  } catch (error) {
    return refused(error);
  }
}

/** The problem of invalid JSON: the place, and what was expected there. */
function unreadable(text: string, error: unknown): Problem {
  const fault = { type: 'json_invalid', msg: 'JSON decode error', input: {} };
  if (error instanceof JsonExcess)
    return { ...fault, loc: ['body'], msg: `JSON decode error: ${error.message}`, ctx: { error: error.message } };
  const { position, expected } = jsonFault(text);
  return { ...fault, loc: ['body', position], ctx: { error: expected } };
}

/** The validated value; else the value as sent, with its problems added to the list. */
function valueOf(checked: Checked, sent: unknown, problems: Problem[]): unknown {
  if (checked.ok) return checked.value;
  problems.push(...checked.problems);
  return sent;
}

const ELEMENTS_A_TURN = 500;

/** Whether the body is a list of any length, whose parts can be validated separately. */
function isPlainList(schema: TSchema): boolean {
  const { type, minItems, maxItems } = schema as {
    readonly type?: unknown;
    readonly minItems?: unknown;
    readonly maxItems?: unknown;
  };
  return type === 'array' && minItems === undefined && maxItems === undefined;
}

/** Validates in pieces, between which other requests are served; stops after the first piece with a problem. */
async function listChecked(
  schema: TSchema,
  list: readonly unknown[],
  problems: Problem[],
  isBodyLong: boolean,
): Promise<readonly unknown[]> {
  const fit: unknown[] = [];
  for (let start = 0; start < list.length; start += ELEMENTS_A_TURN) {
    if (start > 0) await yieldToOtherRequests();
    const result = check(schema, list.slice(start, start + ELEMENTS_A_TURN), 'body', isBodyLong);
    if (!result.ok) {
      problems.push(
        ...result.problems.map((problem) => ({
          ...problem,
          loc: problem.loc.map((part, depth) => (depth === 1 ? Number(part) + start : part)),
        })),
      );
      return list;
    }
    for (const element of result.value as readonly unknown[]) fit.push(element);
  }
  return fit;
}

/**
 * The path parameters; `null` for an invalid `id`: there is no such resource.
 * @param problems gets the problems of other parameters
 */
function pathParams(
  contract: RouteContract,
  names: readonly string[],
  given: Readonly<Record<string, string>>,
  problems: Problem[],
): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (const name of names) {
    const value = given[name] ?? '';
    const schema = contract.params?.[name];
    const id = readUuid(value);
    if (schema === undefined && name === 'id' && id === null) return null;
    const result = schema === undefined ? null : check(schema, value, 'path');
    if (result?.ok === false) problems.push(...result.problems.map((problem) => ({ ...problem, loc: ['path', name] })));
    params[name] = (schema === undefined ? id : isUuid(value) ? id : null) ?? value;
  }
  return params;
}

/** Of a parameter that is given twice, the last value counts. */
function flat(query: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, Array.isArray(value) ? (value as unknown[]).at(-1) : value]),
  );
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
