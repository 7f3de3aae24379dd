/**
 * The journals of a simulated home: files in memory that processes share, and that a kill strikes in the middle of a
 * write.
 */

import type { AppendFile, JournalFolder } from '../src/core/append-file.ts';
import type { Life } from './life.ts';

/** What a call of a dead process throws: nothing of the product may see it and go on as if alive. */
export class SimulatedKill extends Error {}

/** Where in a write the process dies; `null`: it lives. */
export type Strike = 'before' | 'torn' | 'after' | null;

class Content {
  bytes: Buffer = Buffer.alloc(0);

  append(bytes: Uint8Array): void {
    this.bytes = Buffer.concat([this.bytes, bytes]);
  }
}

export class SimulatedHome {
  readonly #names = new Map<string, Content>();

  get names(): readonly string[] {
    return [...this.#names.keys()].sort();
  }

  /** The folder as one process sees it. @param strike asked before each write */
  openFolder(life: Life, strike: (what: string) => Strike, tornShare: () => number): JournalFolder {
    const names = this.#names;
    /** `take` hears whether the process dies in the middle of it. */
    const write = (what: string, take: (isTorn: boolean) => void): void => {
      if (life.dead) throw new SimulatedKill();
      const struck = strike(what);
      if (struck === null) return take(false);
      life.end();
      if (struck !== 'before') take(struck === 'torn');
      throw new SimulatedKill();
    };
    const alive = (): void => {
      if (life.dead) throw new SimulatedKill();
    };
    return {
      description: '(simulated)',
      create(name, head, draft): AppendFile {
        const content = new Content();
        write('journal created', (isTorn) => {
          if (!isTorn) content.append(head);
          names.set(isTorn ? draft : name, content);
        });
        return {
          append: (bytes) =>
            write('journal append', (isTorn) =>
              content.append(isTorn ? bytes.subarray(0, Math.floor(bytes.length * tornShare())) : bytes),
            ),
          flush: () => Promise.resolve(),
          flushSync: () => {},
          close: () => {},
          get size() {
            return content.bytes.length;
          },
        };
      },
      list: () => [...names.keys()].sort(),
      read(name, offset, bytesMax) {
        alive();
        return names.get(name)?.bytes.subarray(offset, offset + bytesMax) ?? null;
      },
      claim(name, newName) {
        alive();
        const content = names.get(name);
        if (!content) return false;
        names.delete(name);
        names.set(newName, content);
        return true;
      },
      remove(name) {
        alive();
        names.delete(name);
      },
    };
  }
}
