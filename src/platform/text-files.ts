/** Small text files in a folder, by name; implements `TextFiles` (`client/http/cache-book.ts`). */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OstinatoError } from '../core/errors.ts';
import { diskError, errnoOf } from './disk-errors.ts';
import { writeWhole } from './whole-file.ts';

const NAME = /^[\w-]{1,100}$/;

export class TextFolder {
  readonly #folder: string;

  /** @param folder created with the first text */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** `null` when there is none. */
  read(name: string): string | null {
    const path = this.#path(name);
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null;
      throw diskError(error, 'read', path);
    }
  }

  write(name: string, text: string): void {
    const path = this.#path(name);
    try {
      writeWhole(path, text);
    } catch (error) {
      throw diskError(error, 'write', path);
    }
  }

  #path(name: string): string {
    if (!NAME.test(name)) throw new OstinatoError('bad-input', `${JSON.stringify(name)} cannot name a file.`);
    return join(this.#folder, name);
  }
}
