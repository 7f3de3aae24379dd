/**
 * Compresses answers for clients that benefit from it.
 *
 * 1. Small answers, which most are, are sent as they are; of them nothing is asked but their length.
 * 2. It is done by other threads. With many under way, what comes next is sent as it is.
 * 3. A program that fetches lists in a loop waits longer for the packing than for the bytes. What it says it takes is
 *    what its library takes by itself, so that says nothing: pages get it, and whoever asks for more than libraries do.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { brotliCompress, constants, gzip } from 'node:zlib';

import { chooseCoding, type ContentCoding } from '../core/web/content-coding.ts';
import { clientOf, isOurClient } from './client.ts';
import { isOfBrowser, isOfScript } from './gate/callers.ts';

/** Bytes; smaller answers take as long either way. */
export const COMPRESSED_BYTES_MIN = 8 * 1024;
const UNDER_WAY_MAX = 16;
/** A middling quality costs some 10 ms a MB; above this size, the fastest. */
const LARGE_BYTES = 1024 * 1024;
const CODINGS: readonly ContentCoding[] = ['br', 'gzip'];
/** The `Accept-Encoding` that requests, httpx, undici and others send by themselves. */
const SAID_BY_LIBRARIES = /^\s*gzip\s*,\s*deflate\s*$/i;

let underWay = 0;

/** `null`: it is sent uncompressed. */
export function codingFor(headers: IncomingHttpHeaders, length: number): ContentCoding | null {
  const accepted = headers['accept-encoding'];
  if (length < COMPRESSED_BYTES_MIN || accepted === undefined || underWay >= UNDER_WAY_MAX) return null;
  const said = Array.isArray(accepted) ? accepted.join(',') : accepted;
  if (isOurClient(headers) || clientOf(headers).version !== null) return null;
  if (SAID_BY_LIBRARIES.test(said) && !isOfBrowser(headers) && !isOfScript(headers)) return null;
  return chooseCoding(said, CODINGS);
}

export function compress(content: string | Uint8Array, coding: ContentCoding): Promise<Buffer> {
  underWay += 1;
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, packed: Buffer): void => {
      underWay -= 1;
      if (error) reject(error);
      else resolve(packed);
    };
    const isLarge = content.length > LARGE_BYTES;
    if (coding === 'gzip') gzip(content, { level: isLarge ? 1 : 5 }, done);
    else
      brotliCompress(
        content,
        {
          params: {
            [constants.BROTLI_PARAM_QUALITY]: isLarge ? 1 : 4,
            [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
          },
        },
        done,
      );
  });
}
