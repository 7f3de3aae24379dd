/**
 * Writes an answer to the connection in one piece, head and body: Fastify's own way of sending (types, serializers,
 * hooks) is a tenth of the cost of a small request. Only bodies that are streamed use it.
 *
 * Answers that Fastify sends (pages, its own errors) get the same headers: `addDefaultHeaders`.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';

import { wireText } from '../contract/wire-json.ts';
import { codingFor, compress, COMPRESSED_BYTES_MIN } from './compressed.ts';
import { DATA_HEADERS } from './gate/headers.ts';
import type { Answer } from './operation.ts';

declare module 'fastify' {
  interface FastifyReply {
    /** Headers of this answer that are known before its body. */
    told?: Readonly<Record<string, string>> | undefined;
  }
}

const JSON_TYPE = 'application/json; charset=utf-8';
/** A flat list, which Node writes without checking each entry. */
const HEAD: readonly string[] = Object.entries(DATA_HEADERS).flat();
const JSON_HEAD: readonly string[] = [...HEAD, 'content-type', JSON_TYPE, 'content-length'];

/** Adds headers that are known before the answer. */
export function addHeaders(reply: FastifyReply, headers: Readonly<Record<string, string>>): void {
  reply.told = reply.told === undefined ? headers : { ...reply.told, ...headers };
}

/** Call once for a request; later answers are ignored. */
export function send(reply: FastifyReply, { status, body, text, headers }: Answer): void {
  const { raw, told } = reply;
  if (raw.headersSent) return;
  if (text !== undefined) return sendText(reply, status, text, headers);
  if (body !== undefined) return sendContent(reply, status, JSON_TYPE, wireText(body), headers);
  // Without a length where no body may be: RFC 9110, section 8.6.
  raw.writeHead(
    status,
    withMore(status === 204 || status === 304 ? HEAD : HEAD.concat('content-length', '0'), told, headers),
  );
  raw.end();
}

function sendText(
  reply: FastifyReply,
  status: number,
  { content, type }: NonNullable<Answer['text']>,
  headers: Answer['headers'],
): void {
  if (content instanceof Uint8Array) freeWhenSent(reply, content);
  if (typeof content === 'string' || content instanceof Uint8Array)
    return sendContent(reply, status, type === 'application/json' ? JSON_TYPE : type, content, headers);
  reply.code(status).headers({ ...DATA_HEADERS, ...reply.told, ...headers });
  void reply.type(type).send(content);
}

function sendContent(
  reply: FastifyReply,
  status: number,
  type: string,
  content: string | Uint8Array,
  headers: Answer['headers'],
): void {
  const coding = content.length < COMPRESSED_BYTES_MIN ? null : codingFor(reply.request.headers, content.length);
  if (coding === null) return sendWhole(reply, status, type, content, headers);
  compress(content, coding)
    .then(
      (packed) => sendWhole(reply, status, type, packed, { ...headers, 'content-encoding': coding }),
      () => sendWhole(reply, status, type, content, headers),
    )
    .catch((error: unknown) => void reply.raw.destroy(error instanceof Error ? error : undefined));
}

function sendWhole(
  { raw, told }: FastifyReply,
  status: number,
  type: string,
  content: string | Uint8Array,
  headers: Answer['headers'],
): void {
  const length = String(typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength);
  const head =
    type === JSON_TYPE ? JSON_HEAD.concat(length) : HEAD.concat('content-type', type, 'content-length', length);
  raw.writeHead(status, withMore(head, told, headers));
  raw.end(content);
}

/** A header that is given twice gets its last value. */
function withMore(head: readonly string[], told: FastifyReply['told'], headers: Answer['headers']): string[] {
  if (told === undefined && headers === undefined) return head as string[];
  const more = { ...told, ...headers };
  const own: string[] = [];
  for (let index = 0; index < head.length; index += 2) {
    const name = head[index] as string;
    if (!Object.hasOwn(more, name)) own.push(name, head[index + 1] as string);
  }
  return own.concat(Object.entries(more).flat());
}

/**
 * Buffers lie outside V8's heap and trigger no collection before some 64 MB: a server that answers many lists held that
 * much for nothing.
 */
function freeWhenSent(reply: FastifyReply, content: Uint8Array): void {
  reply.raw.once('finish', () => void (content.buffer as ArrayBuffer).transfer(0));
}

/** Adds the headers to an answer that Fastify sends. */
export function addDefaultHeaders(
  _request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: null, payload: unknown) => void,
): void {
  if (!reply.hasHeader('content-security-policy')) reply.headers(DATA_HEADERS);
  if (reply.told !== undefined) reply.headers(reply.told);
  done(null, payload);
}
