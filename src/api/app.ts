/**
 * The HTTP side of the server: takes the operations of all nouns, checks what arrives against their contracts, answers in
 * Prefect's wire language, and turns every failure into a clear body with the right status.
 */

import type { Readable } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { Type, type TSchema } from '../contract/type.ts';

import { check, type Problem } from '../contract/checker.ts';
import type { RouteContract } from '../contract/route.ts';
import { BULKY_BODY, JsonExcess, PLAIN_BODY, type BodyLimits } from '../contract/json-bounds.ts';
import { isLong } from '../contract/short-echo.ts';
import { wireText, type WireBody } from '../contract/wire-json.ts';
import { OstinatoError } from '../core/errors.ts';
import { isUuid, readUuid } from '../core/ids.ts';
import { isPromise, type MaybePromise } from '../core/maybe-promise.ts';
import { BodyTurns } from './body-turns.ts';
import { isOurClient } from './client.ts';
import { codingFor, compress, COMPRESSED_BYTES_MIN } from './compressed.ts';
import { failureAnswer, InvalidBody, invalidAnswer, NOT_FOUND, TOO_LARGE } from './failures.ts';
import { answerUnrouted, openGate, type GateOptions } from './gate/gate.ts';
import { answerExpectation, answerUnreadable } from './gate/raw-answers.ts';
import { API_PREFIX, type Answer, type Call, type Operation } from './operation.ts';
import { wrongLimitAnswer } from './page.ts';
import { BodyReader, BodyRefused } from './sent-body.ts';

/** A whole request, head and body, arrives within this time, and its head within a part of it; who trickles is cut off. */
const REQUEST_MS_MAX = 120_000;
const HEAD_MS_MAX = 20_000;
const SLOWNESS_CHECKED_MS = 5_000;

export interface ApiOptions {
  readonly operations: readonly Operation[];
  readonly gate: GateOptions;
  /** Hears of failures that are ours (status 500), never of what callers did wrong. */
  readonly onFailure: (error: unknown, request: { readonly method: string; readonly url: string }) => void;
}

export function createApi(options: ApiOptions): FastifyInstance {
  const app = fastify({
    logger: false, schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } }, bodyLimit: BULKY_BODY.bytesMax, forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
    // Clients keep connections for minutes; a short time here makes them meet a closing socket.
    keepAliveTimeout: 75_000,
    requestTimeout: REQUEST_MS_MAX,
    http: {
      headersTimeout: HEAD_MS_MAX, connectionsCheckingInterval: SLOWNESS_CHECKED_MS,
      // Some clients offer HTTP/2 with every request: that is declined by answering it as it is.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.trim().toLowerCase() === 'websocket',
    },
    // An address that cannot be read (a stray `%`) names nothing that is here.
    frameworkErrors: (_error, request, reply) => answerUnrouted(request, reply, options.gate, NOT_FOUND),
    clientErrorHandler: answerUnreadable,
  });
  // Bodies are read and parsed by the contract, whatever their type says: older clients send none.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, stream, done) => done(null, stream));
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof BodyRefused) return send(reply, error.answer);
    const failure = error as { statusCode?: number; code?: string };
    if (failure.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return send(reply, TOO_LARGE);
    if (failure.statusCode !== undefined && failure.statusCode < 500) {
      return send(reply, { status: failure.statusCode, body: { detail: (error as Error).message } });
    }
    return send(reply, failureAnswer(error, (ours) => options.onFailure(ours, request), isOurClient(request.headers)));
  });
  app.server.on('checkExpectation', answerExpectation);
  openGate(app, options.gate);
  // An address that no route has is answered in the words of the API, and by the gate first.
  app.setNotFoundHandler((_request, reply) => send(reply, NOT_FOUND));
  const bodies = { reader: new BodyReader(), turns: new BodyTurns() };
  for (const { contract, handle } of options.operations) {
    const run = runner(contract, handle, bodies);
    app.route({
      method: contract.method,
      url: API_PREFIX + contract.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      config: { access: contract.access ?? 'protected' },
      handler(request, reply) {
        const answer = run(request);
        if (isPromise(answer)) return answer.then((settled) => send(reply, settled));
        return send(reply, answer);
      },
    });
  }
  return app;
}

/**
 * The contract checks and encodes; routes give Fastify no schema. Without its compilers 113 modules are not loaded, and the server
 * starts a twentieth of a second sooner with 9 MB less.
 */
function noSchemas(): never {
  throw new OstinatoError('invariant', 'A route was given a schema of Fastify: schemas stand in the contract.');
}

export function send(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status);
  if (answer.headers) reply.headers(answer.headers);
  if (answer.text) return sendContent(reply.type(answer.text.type), answer.text.content);
  if (answer.body === undefined) return reply.send();
  return sendContent(reply.type('application/json'), wireText(answer.body));
}

function sendContent(reply: FastifyReply, content: string | Uint8Array | Readable): FastifyReply {
  if (content instanceof Uint8Array) freeWhenSent(reply, content);
  if (typeof content !== 'string' && !(content instanceof Uint8Array)) return reply.send(content);
  const coding = content.length < COMPRESSED_BYTES_MIN ? null : codingFor(reply.request.headers, content.length);
  if (coding === null) return reply.send(content);
  compress(content, coding).then(
    (packed) => reply.header('content-encoding', coding).send(packed),
    () => reply.send(content),
  );
  return reply;
}

/**
 * Bytes lie outside of V8's heap, where they press for no collection before there are some 64 MB of them: a server that answers
 * many lists held that much for nothing.
 */
function freeWhenSent(reply: FastifyReply, content: Uint8Array): void {
  reply.raw.once('finish', () => void (content.buffer as ArrayBuffer).transfer(0));
}

interface Bodies {
  readonly reader: BodyReader;
  readonly turns: BodyTurns;
}

function runner(contract: RouteContract, handle: Operation['handle'], bodies: Bodies): (request: FastifyRequest) => Answer | Promise<Answer> {
  const pathNames = [...contract.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
  const querySchema = contract.query && Type.Object({ ...contract.query });
  const limits = contract.bodyLimits ?? PLAIN_BODY;
  const answerTo = (request: FastifyRequest, params: Call['params'], body: WireBody, problems: Problem[], isBodyLong = false): Answer | Promise<Answer> => {
    const query = querySchema ? checked(querySchema, flat(request.query as Record<string, unknown>), 'query', problems) : {};
    if (problems.length > 0) return wrongLimitAnswer(contract.body, body.plain) ?? invalidAnswer(problems, body.plain, isBodyLong);
    return handle({
      params, query: query as Call['query'], body: body.plain as Call['body'], exact: asRecord(body.exact), headers: request.headers,
      origin: `${request.protocol}://${request.host}`,
    });
  };
  return (request) => {
    const params = pathParams(contract, pathNames, request.params as Record<string, string>);
    if (params === null) return NOT_FOUND;
    if (!contract.body) return answerTo(request, params, NO_BODY, []);
    const { body: schema } = contract;
    return withSentText(request, bodies.reader, limits, async (text) => {
      const problems: Problem[] = [];
      const parsing = bodyOf(contract, text, limits, bodies.turns, problems);
      const parsed = isPromise(parsing) ? await parsing : parsing;
      if ('status' in parsed) return parsed;
      const body = parsed === NOTHING || problems.length > 0 ? parsed : { plain: checked(schema, parsed.plain, 'body', problems, isLong(text)), exact: parsed.exact };
      try {
        return await answerTo(request, params, body, problems, isLong(text));
      } catch (error) {
        if (error instanceof InvalidBody) return invalidAnswer(error.problems, body.plain, isLong(text));
        throw error;
      }
    });
  };
}

function withSentText(request: FastifyRequest, reader: BodyReader, { bytesMax }: BodyLimits, answer: (text: string) => Promise<Answer>): Promise<Answer> {
  const stream = request.body as Readable | null | undefined;
  if (!stream) return answer('');
  return new Promise((resolve, reject) => {
    reader.read(stream, request.headers, bytesMax, (text, giveBack) => {
      const answered = answer(text.trim() === '' ? '' : text);
      resolve(giveBack === null ? answered : answered.finally(giveBack));
    }, reject);
  });
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
