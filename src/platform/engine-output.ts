/** The output of a container as its engine streams it: both streams in one, each piece behind a header of 8 bytes. */

import type { OutputStream } from './child-group.ts';
import { LineCutter } from './lines.ts';

const HEADER_BYTES = 8;

export class EngineOutput {
  readonly #cutters: Readonly<Record<OutputStream, LineCutter>>;
  #waiting: Buffer = Buffer.alloc(0);
  /** Of the piece that is read. */
  #stream: OutputStream = 'stdout';
  #left = 0;

  constructor(onLine: (line: string, stream: OutputStream) => void) {
    this.#cutters = {
      stdout: new LineCutter((line) => onLine(line, 'stdout')),
      stderr: new LineCutter((line) => onLine(line, 'stderr')),
    };
  }

  take(bytes: Buffer): void {
    let rest = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
    for (;;) {
      if (this.#left > 0) {
        const piece = rest.subarray(0, this.#left);
        this.#cutters[this.#stream].take(piece);
        this.#left -= piece.length;
        rest = rest.subarray(piece.length);
      }
      if (rest.length < HEADER_BYTES) break;
      // The first byte names the stream: 2 is stderr. The last four say how long the piece is.
      this.#stream = rest[0] === 2 ? 'stderr' : 'stdout';
      this.#left = rest.readUInt32BE(4);
      rest = rest.subarray(HEADER_BYTES);
    }
    this.#waiting = rest;
  }

  end(): void {
    this.#cutters.stdout.end();
    this.#cutters.stderr.end();
  }
}
