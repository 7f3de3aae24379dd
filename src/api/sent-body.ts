/**
 * Bodies as they arrive: read up to what the operation takes, and no more of all together than the server can hold. What is
 * refused is still read to its end, though not kept: a client that is answered while it sends hears of a broken connection.
 */

import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

import type { Answer } from './operation.ts';
import { TOO_LARGE } from './failures.ts';

/** Of all bodies that are being read or handled: clients try again after 503. */
const HELD_BYTES_MAX = 96 * 1024 * 1024;
/** Smaller bodies do not count: they are gone before many can come. */
const COUNTED_BYTES_MIN = 64 * 1024;
/** Whoever sends more after a refusal hears of a broken connection. */
const DRAINED_BYTES_MAX = 64 * 1024 * 1024;

const TOO_BUSY: Answer = Object.freeze({ status: 503, body: { detail: 'The server has as many large bodies to read as it can hold.' }, headers: { 'retry-after': '1' } });
const BROKEN_OFF: Answer = Object.freeze({ status: 400, body: { detail: 'The body broke off.' } });
const NOT_UTF8: Answer = Object.freeze({ status: 400, body: { detail: 'The body is not in UTF-8: its texts would not be kept as they were sent.' } });
const ENCODED: Answer = Object.freeze({ status: 415, body: { detail: 'Bodies are taken as they are, without a content encoding.' } });

/** Why a body is not taken. */
export class BodyRefused extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(JSON.stringify(answer.body));
    this.answer = answer;
  }
}

export class BodyReader {
  #heldBytes = 0;

  /** @param take hears the text, and what gives its room back once it is not needed any more: `null` for a small one, which takes none */
  read(stream: Readable, headers: IncomingHttpHeaders, bytesMax: number, take: (text: string, giveBack: (() => void) | null) => void, refuse: (error: Error) => void): void {
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
    // Whoever broke off hears nothing any more.
    stream.on('error', () => {
      giveBack();
      refuse(new BodyRefused(BROKEN_OFF));
    });
  }
}

/** What is not UTF-8 is decoded as this character, which may as well stand in the bytes. */
function isSame(text: string, bytes: Buffer): boolean {
  return !text.includes('\uFFFD') || Buffer.from(text).equals(bytes);
}
