/**
 * Asks addresses that people have named, within limits of time and size.
 *
 * 1. Redirects are not followed: an address that is allowed leads to no other.
 * 2. Where private networks are not allowed, the address that a name stands for is looked at when the connection is
 *    made, and it is the one that is connected to: no later answer of the name's server counts.
 */

import { lookup } from 'node:dns';
import { request as requestPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestSecure } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

import { WebFailure, type SendRequest, type WebAnswer, type WebRequest } from '../core/web/send-request.ts';

/** Networks that only this machine, or those beside it, can reach, and what is no single receiver. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.addSubnet(network, prefix, 'ipv6');

/** IPv4 inside of IPv6 included. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  return family === 0 || PRIVATE.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

export const sendRequest: SendRequest = (request) =>
  new Promise<WebAnswer>((resolve, reject) => {
    const url = new URL(request.url);
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    if (!request.allowsPrivate && isIP(literal) !== 0 && isPrivateAddress(literal)) {
      reject(notAllowed());
      return;
    }
    const abort = new AbortController();
    const late = setTimeout(
      () => abort.abort(new WebFailure(`The receiver did not answer within ${request.timeoutMs / 1000} s.`, true)),
      request.timeoutMs,
    );
    const fail = (error: unknown): void => {
      clearTimeout(late);
      reject(failureOf(abort.signal.aborted ? (abort.signal.reason as unknown) : error));
    };
    try {
      const start = url.protocol === 'https:' ? requestSecure : requestPlain;
      const asked = start(url, optionsOf(request, abort.signal), (answer) => {
        readAnswer(answer, request.bodyBytesMax).then((read) => {
          clearTimeout(late);
          asked.destroy();
          resolve(read);
        }, fail);
      });
      asked.on('error', fail);
      asked.end(request.body ?? undefined);
    } catch (error) {
      // A header or a method that cannot be written.
      clearTimeout(late);
      reject(new WebFailure(`The request cannot be sent: ${messageOf(error)}.`, false, { cause: error }));
    }
  });

function optionsOf(
  { method, headers, body, allowsPrivate, verifies }: WebRequest,
  signal: AbortSignal,
): RequestOptions & { readonly rejectUnauthorized: boolean } {
  return {
    method,
    signal,
    agent: false,
    rejectUnauthorized: verifies,
    headers: {
      ...(body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      'user-agent': 'ostinato',
      ...headers,
    },
    ...(allowsPrivate ? {} : { lookup: publicLookup }),
  };
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '', 0);
    if (addresses.some(({ address }) => isPrivateAddress(address))) return callback(notAllowed(), '', 0);
    if (options.all === true) return callback(null, addresses);
    const [first] = addresses;
    return callback(null, first?.address ?? '', first?.family ?? 0);
  });
};

async function readAnswer(answer: IncomingMessage, bytesMax: number): Promise<WebAnswer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part.subarray(0, bytesMax - bytes));
    bytes += part.length;
    if (bytes >= bytesMax) break;
  }
  const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
  return {
    status: answer.statusCode ?? 0,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(parts).toString('utf8'),
  };
}

function notAllowed(): WebFailure {
  return new WebFailure('The address is one of a private network, which its block does not allow.', false);
}

function failureOf(error: unknown): WebFailure {
  if (error instanceof WebFailure) return error;
  return new WebFailure(`The receiver could not be asked: ${messageOf(error)}.`, true, { cause: error });
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
