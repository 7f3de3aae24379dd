/**
 * What the hooks of a transaction get: the transaction as their task saw it, and the task's arguments and result.
 */

import { OstinatoError } from '../core/errors.ts';
import type { InputNames } from './input-names.ts';
import type { Kept } from './kept-values.ts';
import type { CommitMode, Transaction, TransactionStatus } from './transaction.ts';

/** The arguments as they were given: by position with their types, and by name. */
export type HookInputs<Args extends readonly unknown[]> = Args & { readonly [name: string]: unknown };

export interface HookArgument<
  Args extends readonly unknown[] = readonly unknown[],
  Result = unknown,
> extends Transaction {
  /**
   * The task's arguments, also in a process that continues the run: `inputs[0]`, `inputs['sku']`. Throws
   * `value-missing` where they could not be recorded.
   */
  readonly inputs: HookInputs<Args>;
  /**
   * What the task gave, also in a process that continues the run. Throws `value-missing` where it was not recorded
   * (`persistResult: false`).
   */
  readonly result: Result;
  /** Whether `result` is available. */
  readonly hasResult: boolean;
}

export type TransactionHook<Args extends readonly unknown[] = readonly unknown[], Result = unknown> = (
  transaction: HookArgument<Args, Result>,
) => unknown;

/** The transaction around a task, live or recorded. */
export interface Around {
  readonly name: string;
  readonly mode: CommitMode;
  readonly status: TransactionStatus;
  readonly parent: Transaction | null;
  /** The values of the transactions themselves, from the inner to the outer; never those of other tasks. */
  lookup(key: string): { readonly value: unknown } | undefined;
}

/** A value, or why there is none. */
export type Given = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

export interface HookFacts {
  readonly taskName: string;
  readonly around: Around;
  readonly kept: Kept;
  /** Names whose values were lost with their process; `all`: the record cannot be read. */
  readonly unkept: readonly string[] | 'all';
  /** `null`: the task is no longer defined. */
  readonly inputNames: InputNames | null;
  readonly inputs: Given;
  readonly result: Given;
}

export class HookView implements HookArgument {
  readonly #facts: HookFacts;
  readonly #set = new Map<string, unknown>();
  #inputs: HookInputs<readonly unknown[]> | undefined;
  // Bound, so that a hook may destructure them: `({ get, result }) => …`.
  readonly set = (key: string, value: unknown): void => void this.#set.set(key, value);
  readonly get = (key: string): unknown => this.#get(key);

  constructor(facts: HookFacts) {
    this.#facts = facts;
  }

  get name(): string {
    return this.#facts.around.name;
  }
  get mode(): CommitMode {
    return this.#facts.around.mode;
  }
  get status(): TransactionStatus {
    return this.#facts.around.status;
  }
  get parent(): Transaction | null {
    return this.#facts.around.parent;
  }
  get hasResult(): boolean {
    return this.#facts.result.ok;
  }
  get result(): unknown {
    return take(this.#facts.result);
  }

  get inputs(): HookInputs<readonly unknown[]> {
    if (this.#inputs) return this.#inputs;
    const args = [...(take(this.#facts.inputs) as readonly unknown[])];
    for (const [name, value] of Object.entries(this.#facts.inputNames?.of(args) ?? {}))
      if (!(name in args)) Object.defineProperty(args, name, { value });
    return (this.#inputs = args as never);
  }

  #get(key: string): unknown {
    const { kept, unkept, around, taskName } = this.#facts;
    if (this.#set.has(key)) return this.#set.get(key);
    if (kept.has(key)) return kept.get(key);
    if (unkept === 'all' || unkept.includes(key)) {
      throw new OstinatoError(
        'value-missing',
        `What ${taskName} kept as "${key}" could not be recorded, and the process that had it is gone.`,
        { remedy: 'Keep a value that can be recorded: plain data, dates, buffers, instances of registered kinds.' },
      );
    }
    return around.lookup(key)?.value;
  }
}

function take(given: Given): unknown {
  if (given.ok) return given.value;
  throw given.error;
}
