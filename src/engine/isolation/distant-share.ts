/**
 * What a body in an isolate sees of the transaction around its task: values travel there with the body, and back with
 * its end.
 */

import { decodeValue, encodeValue } from '../../core/codec.ts';
import type { Kept } from '../kept-values.ts';
import type { TaskShare } from '../task-share.ts';
import type { CommitMode, Transaction } from '../transaction.ts';

export interface DistantTransaction {
  readonly name: string;
  readonly mode: CommitMode;
  /** The visible values, encoded. */
  readonly values: string;
}

/** @param tell called with a message for each value that cannot travel */
export function describeShare(share: TaskShare | null, tell: (message: string) => void): DistantTransaction | null {
  return share === null ? null : { name: share.name, mode: share.mode, values: encodeKept(share.visible(), tell) };
}

/** The transaction as a body and the tasks that it calls see it: whatever any of them keeps belongs to their task. */
export class DistantShare implements Transaction {
  readonly name: string;
  readonly mode: CommitMode;
  readonly status = 'active';
  readonly parent = null;
  readonly #seen: Kept;
  readonly #own = new Map<string, unknown>();

  constructor({ name, mode, values }: DistantTransaction) {
    this.name = name;
    this.mode = mode;
    this.#seen = decodeKept(values);
  }

  set(key: string, value: unknown): void {
    this.#own.set(key, value);
  }

  get(key: string): unknown {
    return this.#own.has(key) ? this.#own.get(key) : this.#seen.get(key);
  }

  /** `null` when nothing was kept. */
  encode(tell: (message: string) => void): string | null {
    return this.#own.size === 0 ? null : encodeKept(this.#own, tell);
  }
}

export function decodeKept(text: string): Kept {
  return new Map(decodeValue(text) as [string, unknown][]);
}

function encodeKept(values: Kept, tell: (message: string) => void): string {
  const good: [string, unknown][] = [];
  for (const entry of values) {
    try {
      encodeValue(entry[1], 'a value');
      good.push(entry);
    } catch {
      tell(
        `What is kept as "${entry[0]}" in a transaction cannot travel between a task's thread or process and the program.`,
      );
    }
  }
  return encodeValue(good, 'values of a transaction');
}
