/**
 * Reads bodies as they arrive: up to the operation's limit, and together no more than the server can hold. The rest of
 * a refused body is read and dropped: a client that is answered while it sends would see a broken connection.
 */

import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

import type { Answer } from './operation.ts';
import { TOO_LARGE } from './failures.ts';

/** Bytes of all bodies that are being read or handled: clients try again after 503. */
const HELD_BYTES_MAX = 96 * 1024 * 1024;
/** Bytes; smaller bodies do not count, as they are handled before many can come. */
const COUNTED_BYTES_MIN = 64 * 1024;
/** Bytes that are dropped after a refusal; a client that sends more sees a broken connection. */
const DRAINED_BYTES_MAX = 64 * 1024 * 1024;

const TOO_BUSY: Answer = Object.freeze({
  status: 503,
  body: { detail: 'The server has as many large bodies to read as it can hold.' },
  headers: { 'retry-after': '1' },
});
const BROKEN_OFF: Answer = Object.freeze({ status: 400, body: { detail: 'The body broke off.' } });
const NOT_UTF8: Answer = Object.freeze({
  status: 400,
  body: { detail: 'The body is not in UTF-8: its texts would not be kept as they were sent.' },
});
const ENCODED: Answer = Object.freeze({
  status: 415,
  body: { detail: 'Bodies are taken as they are, without a content encoding.' },
});

/** Why a body is refused. */
export class BodyRefused extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(JSON.stringify(answer.body));
    this.answer = answer;
  }
}

export class BodyReader {
  #heldBytes = 0;

  /**
   * @param take called with the text, and a function that releases its share of the budget; `null` for a small one,
   * which has none
   */
  read(
    stream: Readable,
    headers: IncomingHttpHeaders,
    bytesMax: number,
    take: (text: string, giveBack: (() => void) | null) => void,
    refuse: (error: Error) => void,
  ): void {
    const encoding = headers['content-encoding'];
    let refusal: Answer | null = encoding === undefined || encoding === 'identity' ? null : ENCODED;
    if (refusal === null && Number(headers['content-length']) > bytesMax) refusal = TOO_LARGE;
    let chunks: Buffer[] = [];
    let bytes = 0;
    let counted = 0;
    const giveBack = (): void => {
      this.#heldBytes -= counted;
      counted = 0;
    };
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (refusal === null && bytes > bytesMax) refusal = TOO_LARGE;
      if (refusal === null && bytes > COUNTED_BYTES_MIN) {
        this.#heldBytes += bytes - counted;
        counted = bytes;
        if (this.#heldBytes > HELD_BYTES_MAX) refusal = TOO_BUSY;
      }
      if (refusal === null) return void chunks.push(chunk);
      chunks = [];
      giveBack();
      if (bytes > DRAINED_BYTES_MAX) stream.destroy(new BodyRefused(refusal));
    });
    stream.on('end', () => {
      if (refusal !== null) return refuse(new BodyRefused(refusal));
      const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes);
      chunks = [];
      const text = whole.toString('utf8');
      if (!isSame(text, whole)) {
        giveBack();
        return refuse(new BodyRefused(NOT_UTF8));
      }
      take(text, counted > 0 ? giveBack : null);
    });
    // The client that broke off gets no answer.
    stream.on('error', () => {
      giveBack();
      refuse(new BodyRefused(BROKEN_OFF));
    });
  }
}

/** Whether the decoded text has the same bytes: U+FFFD may stand for invalid UTF-8, or occur itself. */
function isSame(text: string, bytes: Buffer): boolean {
  return !text.includes('\uFFFD') || Buffer.from(text).equals(bytes);
}
