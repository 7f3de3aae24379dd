/**
 * One process of a test's world: everything between user code and the store, and a way to end it.
 *
 * 1. A process that ended does nothing any more: its calls to the client never answer, its timers never fire, its tasks
 *    start no body, and nothing that it says is recorded. As after `kill -9`, nobody is told.
 * 2. Code of its bodies that is already running cannot be taken back: it goes on to its next step, and stops there.
 */

import { askControl, controlBy } from '../client/control/by-name.ts';
import type { OstinatoClient } from '../client/port.ts';
import { Recorder, type LiveRecord } from '../client/recorder.ts';
import type { Durability } from '../core/durability.ts';
import type { ProcessId } from '../core/ids.ts';
import type { LogRecord } from '../core/log.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import { isTerminal } from '../core/state.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { EngineDoor } from '../engine/door.ts';
import type { EnginePorts } from '../engine/ports.ts';
import type { Faults } from './faults.ts';

/** A promise that stays open for ever; what awaits it is garbage together with it. */
function never<T>(): Promise<T> {
  return new Promise(() => {});
}

export interface TestProcess {
  readonly id: ProcessId;
  readonly ports: EnginePorts;
  /** Puts this process around calls: `withDoor(process.door, () => myFlow())`. */
  readonly door: EngineDoor;
  readonly alive: boolean;
  /** Ends it as `kill -9` would. */
  crash(): void;
  /** Resolves when it has ended by `crash`, also by one that a fault asked for. */
  readonly crashed: Promise<void>;
}

/** A recorder that stops at a word, and at the faults that end the process around a record. */
export class MortalRecorder extends Recorder {
  readonly #life: { readonly ended: boolean; end(): void };
  readonly #faults: Faults;

  constructor(
    parts: ConstructorParameters<typeof Recorder>[0],
    life: { readonly ended: boolean; end(): void },
    faults: Faults,
  ) {
    super(parts);
    this.#life = life;
    this.#faults = faults;
  }

  override touch(record: LiveRecord): void {
    if (!this.#life.ended) super.touch(record);
  }

  override settle(record: LiveRecord, durability: Durability): MaybePromise<void> {
    if (this.#life.ended) return never();
    const { run } = record;
    if (!isTerminal(run.state)) return super.settle(record, durability);
    if (this.#dies(run, 'unrecorded')) return never();
    const settled = super.settle(record, durability);
    if (settled === undefined) return this.#dies(run, 'recorded') ? never() : undefined;
    return settled.then(() => (this.#dies(run, 'recorded') ? never() : undefined));
  }

  #dies(run: TaskRun, moment: 'unrecorded' | 'recorded'): boolean {
    if (!this.#faults.crashesAtEnd(run, moment)) return false;
    this.#life.end();
    return true;
  }

  override log(record: LogRecord): void {
    if (!this.#life.ended) super.log(record);
  }

  override flush(): MaybePromise<void> {
    return this.#life.ended ? never() : super.flush();
  }

  override async close(): Promise<void> {
    if (!this.#life.ended) await super.close();
  }
}

/** The client as a process has it: once that has ended, every method answers a promise that stays open. */
export function mortalClient(client: OstinatoClient, life: { readonly ended: boolean }): OstinatoClient {
  const guarded =
    <Args extends readonly unknown[], R>(of: unknown, method: (...args: Args) => R) =>
    (...args: Args): R | Promise<never> =>
      life.ended ? never<never>() : Reflect.apply(method, of, args);
  const methods = Object.entries(client).map(([name, value]) => [
    name,
    typeof value === 'function' ? guarded(client, value as (...args: readonly unknown[]) => unknown) : value,
  ]);
  const { results, control } = client;
  return {
    ...(Object.fromEntries(methods) as OstinatoClient),
    control: controlBy((...call) => (life.ended ? never() : askControl(control, ...call))),
    results: { write: guarded(results, results.write), read: guarded(results, results.read) },
  };
}
