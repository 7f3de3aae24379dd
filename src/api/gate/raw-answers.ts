/** Answers on a bare connection, where there is no reply object: the same form and headers as everywhere. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

import { DATA_HEADERS } from './headers.ts';

/** Node's own list of reasons is exported by a module that also loads its fetch client: 25 ms of a server's start. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
  503: 'Service Unavailable',
};

/** Answers and ends the connection. */
export function answerRaw(
  stream: Duplex,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (!stream.writable) return void stream.destroy();
  const text = JSON.stringify(body);
  const all = {
    ...DATA_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
    ...headers,
  };
  const head = Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  stream.end(`HTTP/1.1 ${status} ${REASONS[status] ?? ''}\r\n${head}\r\n${text}`);
}

const PARSE_FAILURES: Readonly<Record<string, readonly [status: number, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
};

/** Returns a request that Node's parser could not read. */
export function answerUnreadable(error: Error & { readonly code?: string }, stream: Duplex): void {
  if (error.code === 'ECONNRESET' || stream.destroyed) return void stream.destroy();
  const [status, detail] = PARSE_FAILURES[error.code ?? ''] ?? [
    400,
    'The request is no HTTP request that can be read.',
  ];
  answerRaw(stream, status, { detail });
}

/** Returns an unknown `Expect: …`. */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  response
    .writeHead(417, { ...DATA_HEADERS, 'content-type': 'application/json; charset=utf-8', connection: 'close' })
    .end('{"detail":"The expectation is not known."}');
}
