/**
 * The HTTP side of the server: takes the operations of all nouns, checks what arrives against their contracts, answers in
 * Prefect's wire language, and turns every failure into a clear body with the right status.
 */

import fastify, { type FastifyInstance } from 'fastify';

import { BULKY_BODY } from '../contract/json-bounds.ts';
import { OstinatoError } from '../core/errors.ts';
import { headOfOthers, send } from './answering.ts';
import { BodyTurns } from './body-turns.ts';
import { FairTurns, readInTurns } from './fair-turns.ts';
import { isOurClient } from './client.ts';
import { failureAnswer, NOT_FOUND, TOO_LARGE } from './failures.ts';
import { answerUnrouted, openGate, type GateOptions } from './gate/gate.ts';
import { answerExpectation, answerUnreadable } from './gate/raw-answers.ts';
import { API_PREFIX, type Operation } from './operation.ts';
import { runner } from './runner.ts';
import { BodyReader, BodyRefused } from './sent-body.ts';

/** A whole request, head and body, arrives within this time, and its head within a part of it; who trickles is cut off. */
const REQUEST_MS_MAX = 120_000;
const HEAD_MS_MAX = 20_000;
const SLOWNESS_CHECKED_MS = 5_000;

export interface ApiOptions {
  readonly operations: readonly Operation[];
  readonly gate: GateOptions;
  /** Whether `close` waits for what is under way, however long that takes. Default: its connections are cut. */
  readonly answersFirst?: boolean;
  /** Hears of failures that are ours (status 500), never of what callers did wrong. */
  readonly onFailure: (error: unknown, request: { readonly method: string; readonly url: string }) => void;
}

export function createApi(options: ApiOptions): FastifyInstance {
  const app = fastify({
    logger: false, schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } }, bodyLimit: BULKY_BODY.bytesMax,
    forceCloseConnections: options.answersFirst === true ? 'idle' : true,
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
  // The first is what nearly all say, and is found without a look at others.
  for (const type of ['application/json', '*']) app.addContentTypeParser(type, (_request, stream, done) => done(null, stream));
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
  readInTurns(app.server);
  openGate(app, options.gate);
  app.addHook('onSend', headOfOthers);
  // An address that no route has is answered in the words of the API, and by the gate first.
  app.setNotFoundHandler((_request, reply) => send(reply, NOT_FOUND));
  const bodies = { reader: new BodyReader(), turns: new BodyTurns(), fair: new FairTurns() };
  for (const { contract, handle } of options.operations) {
    const run = runner({ contract, handle }, bodies);
    app.route({
      method: contract.method,
      url: API_PREFIX + contract.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      config: { access: contract.access ?? 'protected' },
      handler: run,
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
