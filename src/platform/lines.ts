/** Cuts a stream of bytes into lines in bounded memory. */

import { StringDecoder } from 'node:string_decoder';

/** Characters; a longer line comes in pieces. */
const LINE_CHARACTERS_MAX = 16 * 1024;

export class LineCutter {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  take(bytes: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(bytes)).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#say(line.endsWith('\r') ? line.slice(0, -1) : line);
    while (this.#rest.length > LINE_CHARACTERS_MAX) {
      this.#onLine(this.#rest.slice(0, LINE_CHARACTERS_MAX));
      this.#rest = this.#rest.slice(LINE_CHARACTERS_MAX);
    }
  }

  /** What is left is a line, too. */
  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (rest !== '') this.#say(rest);
  }

  #say(line: string): void {
    for (let from = 0; from === 0 || from < line.length; from += LINE_CHARACTERS_MAX)
      this.#onLine(line.slice(from, from + LINE_CHARACTERS_MAX));
  }
}
