/**
 * The HTTP side of the server: takes the operations of all nouns, checks what arrives against their contracts, answers
 * in Prefect's wire language, and turns every failure into a clear body with the right status.
 */

import fastify, { type FastifyInstance } from 'fastify';

import { BULKY_BODY } from '../contract/json-bounds.ts';
import { OstinatoError } from '../core/errors.ts';
import { addDefaultHeaders, send } from './answering.ts';
import { PacedBodyParser } from './body-turns.ts';
import { FairTurns, readInTurns } from './fair-turns.ts';
import { isOurClient } from './client.ts';
import { failureAnswer, NOT_FOUND, TOO_LARGE } from './failures.ts';
import type { HookReceiver } from './hooks/receiver.ts';
import { answerUnrouted, openGate, type GateOptions } from './gate/gate.ts';
import { answerExpectation, answerUnreadable } from './gate/raw-answers.ts';
import { API_PREFIX, type Operation } from './operation.ts';
import { answerWithoutRoute } from './other-methods.ts';
import { runner } from './runner.ts';
import { BodyReader, BodyRefused } from './sent-body.ts';

/** Milliseconds for a whole request, head and body, and within it for the head; a slower sender is cut off. */
const REQUEST_MS_MAX = 120_000;
const HEAD_MS_MAX = 20_000;
const SLOWNESS_CHECKED_MS = 5_000;

export interface ApiOptions {
  readonly operations: readonly Operation[];
  readonly gate: GateOptions;
  /** Whether `close` waits for requests in progress, however long they take. Default: their connections are cut. */
  readonly answersFirst?: boolean;
  /** Takes calls of webhooks. Default: nobody does. */
  readonly hooks?: Pick<HookReceiver, 'serve'> | undefined;
  /** Called for failures of the server (status 500), never for mistakes of callers. */
  readonly onFailure: (error: unknown, request: { readonly method: string; readonly url: string }) => void;
}

export function createApi(options: ApiOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    bodyLimit: BULKY_BODY.bytesMax,
    forceCloseConnections: options.answersFirst === true ? 'idle' : true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1000 },
    // Clients keep connections for minutes; with a shorter timeout here they would meet a closing socket.
    keepAliveTimeout: 75_000,
    requestTimeout: REQUEST_MS_MAX,
    http: {
      headersTimeout: HEAD_MS_MAX,
      connectionsCheckingInterval: SLOWNESS_CHECKED_MS,
      // Some clients offer an upgrade to HTTP/2 with every request: it is declined by answering normally.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.trim().toLowerCase() === 'websocket',
    },
    // A URL that cannot be decoded (a stray `%`) has no route.
    frameworkErrors: (_error, request, reply) => answerUnrouted(request, reply, options.gate, NOT_FOUND),
    clientErrorHandler: answerUnreadable,
  });
  // The contract reads and parses bodies, whatever their content type: older clients send none.
  app.removeAllContentTypeParsers();
  // Nearly all bodies have the first type, which is matched without trying others.
  for (const type of ['application/json', '*'])
    app.addContentTypeParser(type, (_request, stream, done) => done(null, stream));
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof BodyRefused) return send(reply, error.answer);
    const failure = error as { statusCode?: number; code?: string };
    if (failure.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return send(reply, TOO_LARGE);
    if (failure.statusCode !== undefined && failure.statusCode < 500) {
      return send(reply, { status: failure.statusCode, body: { detail: (error as Error).message } });
    }
    return send(
      reply,
      failureAnswer(error, (ours) => options.onFailure(ours, request), isOurClient(request.headers)),
    );
  });
  app.server.on('checkExpectation', answerExpectation);
  readInTurns(app.server);
  openGate(app, options.gate);
  app.addHook('onSend', addDefaultHeaders);
  const elsewise = answerWithoutRoute(options.operations.map(({ contract }) => contract));
  // A URL without a route is answered in the API's format, after the gate.
  app.setNotFoundHandler(({ method, url }, reply) => send(reply, elsewise(method, url)));
  const bodies = { reader: new BodyReader(), turns: new PacedBodyParser(), fair: new FairTurns(), elsewise };
  for (const { contract, handle } of options.operations) {
    const run = runner({ contract, handle }, bodies);
    app.route({
      method: contract.method,
      url: API_PREFIX + contract.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      config: { access: contract.access ?? 'protected', isOfAnyVersion: contract.isOfAnyVersion ?? false },
      handler: run,
    });
  }
  options.hooks?.serve(app, options.onFailure);
  return app;
}

/**
 * The contract checks and encodes; routes give Fastify no schema. Without its compilers 113 modules are not loaded, and
 * the server starts a twentieth of a second sooner with 9 MB less.
 */
function noSchemas(): never {
  throw new OstinatoError('invariant', 'A route was given a schema of Fastify: schemas stand in the contract.');
}
