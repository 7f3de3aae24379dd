/**
 * What one task, or one subflow, keeps inside a transaction: its own values, which its hooks see and those of its
 * siblings do not.
 */

import type { Participation } from '../core/participation.ts';
import type { Durability } from '../core/durability.ts';
import { OstinatoError } from '../core/errors.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { chain, isPromise, type MaybePromise } from '../core/maybe-promise.ts';
import type { ValueRef } from '../core/value.ts';
import type { TaskDefinition } from './definitions.ts';
import { hookMark } from './hook-book.ts';
import { NO_VALUES, persistValues, type Kept } from './kept-values.ts';
import type { OpenTransaction } from './open-transaction.ts';
import type { EnginePorts } from './ports.ts';
import { persistValue } from './results.ts';
import type { Frame } from './run-context.ts';
import type { CommitMode, Transaction, TransactionStatus } from './transaction.ts';

export class TaskShare implements Transaction {
  readonly transaction: OpenTransaction;
  /** The share of the surrounding task or subflow in the same transaction. */
  readonly #above: TaskShare | null;
  #own: Map<string, unknown> | undefined;

  constructor(transaction: OpenTransaction, above: TaskShare | null) {
    this.transaction = transaction;
    this.#above = above;
  }

  get name(): string {
    return this.transaction.name;
  }
  get mode(): CommitMode {
    return this.transaction.mode;
  }
  get parent(): Transaction | null {
    return this.transaction.parent;
  }
  get status(): TransactionStatus {
    return this.transaction.status;
  }

  set(key: string, value: unknown): void {
    (this.#own ??= new Map()).set(key, value);
  }

  get(key: string): unknown {
    return this.#own?.has(key) ? this.#own.get(key) : (this.#above ?? this.transaction).get(key);
  }

  /** @internal As `get`, without the values of the transaction itself. */
  lookup(key: string): { readonly value: unknown } | undefined {
    return this.#own?.has(key) ? { value: this.#own.get(key) } : this.#above?.lookup(key);
  }

  /** @internal Its current values, and those of the surrounding tasks. */
  kept(): Kept {
    const above = this.#above?.kept() ?? NO_VALUES;
    if (!this.#own) return above;
    return above.size === 0 ? new Map(this.#own) : new Map([...above, ...this.#own]);
  }

  /** @internal All values that `get` can find. */
  visible(): Kept {
    return new Map([...this.transaction.visible(), ...this.kept()]);
  }

  /** @internal Restores values that were kept elsewhere: in an isolate, or by an earlier attempt. */
  restore(values: Kept): void {
    for (const [name, value] of values) this.set(name, value);
  }
}

export function shareIn(frame: Frame | null): TaskShare | null {
  return frame?.transaction ? new TaskShare(frame.transaction, frame.share) : null;
}

/** The participation that is recorded with the end of a task inside a transaction. */
export function participationOf(
  ports: EnginePorts,
  share: TaskShare,
  definition: TaskDefinition,
  args: readonly unknown[],
  durability: Durability,
  tell: (level: number, message: string) => void,
): MaybePromise<Participation> {
  const within = share.transaction.within();
  const hooks = hookMark(definition, ports.hash);
  const kept = share.kept();
  if (hooks === null && kept.size === 0)
    return { within, inputs: null, values: null, unkept: [], hooks, decision: null };
  const values = persistValues(ports, kept, `values that task "${definition.name}" keeps`, durability);
  const inputs = hooks === null ? null : keepInputs(ports, definition, args, durability, tell);
  return chain(values, ({ ref, unkept }) => {
    if (unkept.length > 0)
      tell(
        LOG_LEVELS.warning,
        `${definition.name} keeps ${unkept.map((name) => `"${name}"`).join(', ')} for its hooks in this process only: the value cannot be recorded, and is not there when the run is continued.`,
      );
    const put = (given: ValueRef | null): Participation => ({
      within,
      inputs: given,
      values: ref,
      unkept,
      hooks,
      decision: null,
    });
    return isPromise(inputs) ? inputs.then(put) : put(inputs);
  });
}

function keepInputs(
  ports: EnginePorts,
  { name }: TaskDefinition,
  args: readonly unknown[],
  durability: Durability,
  tell: (level: number, message: string) => void,
): MaybePromise<ValueRef | null> {
  try {
    return persistValue(ports, args, `inputs of task "${name}"`, durability);
  } catch (error) {
    if (!OstinatoError.is(error) || error.code !== 'unserialisable-value') throw error;
    tell(LOG_LEVELS.debug, `The hooks of ${name} have its inputs in this process only: ${error.message}`);
    return null;
  }
}
