/**
 * A world of its own for a test: the real engine and rules on a store in memory, with time that costs no time.
 *
 * Works under any test runner: it needs nothing of one. Worlds do not see each other, so tests may run side by side.
 */

import type { FlowRun } from '../core/flow-run.ts';
import { OstinatoError } from '../core/errors.ts';
import { withDoor } from '../engine/door.ts';
import { runOutside } from '../engine/run-context.ts';
import { captureConsole } from '../sdk/console-capture.ts';
import type { Flow } from '../sdk/flow.ts';
import type { Fault } from './faults.ts';
import { Recordings } from './recordings.ts';
import { turnsOfTheLoop, type TestClock } from './test-clock.ts';
import { createTestPorts, type TestPorts, type TestPortsOptions } from './test-ports.ts';
import type { TestProcess } from './test-process.ts';

export type TestWorldOptions = TestPortsOptions;

export class TestWorld extends Recordings implements AsyncDisposable {
  readonly #ports: TestPorts;
  readonly #now: { process: TestProcess };

  /** @internal Use `createTestWorld`. */
  constructor(ports: TestPorts) {
    const now = { process: ports.startProcess() };
    super(ports.client, async () => {
      await (now.process.alive ? now.process.ports.recorder.flush() : ports.recover());
    });
    this.#ports = ports;
    this.#now = now;
  }

  get clock(): TestClock {
    return this.#ports.clock;
  }

  /** The ports of the living process, the store and the client below it: for tests that go deeper. */
  get ports(): TestPorts {
    return this.#ports;
  }

  get process(): TestProcess {
    return this.#now.process;
  }

  /**
   * Runs the body in this world: flows and tasks that it calls are recorded here.
   *
   * Gives what the body gives, once everything is in the store. Rejects with `run-crashed` when the world's process
   * ends meanwhile: by `crash()`, or by a fault.
   */
  async run<T>(body: () => T): Promise<Awaited<T>> {
    const process_ = this.#now.process;
    if (!process_.alive)
      throw new OstinatoError('run-crashed', 'The process of this world has crashed.', {
        remedy: 'Start a new one: world.restart().',
      });
    const crashed = process_.crashed.then((): never => {
      throw new OstinatoError('run-crashed', 'The process of this world crashed while the body ran.', {
        remedy: 'Go on with: world.restart(), then world.retry(flow).',
      });
    });
    const work = async (): Promise<Awaited<T>> => {
      try {
        return await this.enter(body);
      } finally {
        if (process_.alive) await process_.ports.recorder.flush();
      }
    };
    return await Promise.race([work(), crashed]);
  }

  /** As `run`, but hands on at once what the body gives: a future, for instance. */
  enter<T>(body: () => T): T {
    return runOutside(() => withDoor(this.#now.process.door, body));
  }

  /** Continues a run of the flow that ended badly, or whose process crashed: the newest, or the one with the id. */
  async retry<P, R>(flow: Flow<P, R>, id?: FlowRun['id']): Promise<unknown> {
    const runs = await this.flowRuns({ flowName: flow.flowName });
    const run = id === undefined ? runs.at(-1) : runs.find((each) => each.id === id);
    if (!run)
      throw new OstinatoError(
        'not-found',
        `This world has no run of flow "${flow.flowName}"${id === undefined ? '' : ` with the id ${id}`}.`,
      );
    return await this.run(() => flow.continueRun(run));
  }

  /** Ends the process as `kill -9` would: what was promised stays, runs in flight are lost. `restart()` goes on. */
  crash(): void {
    this.#now.process.crash();
  }

  /** A new process on the same store. The first run that it starts finds the lost ones and marks them Crashed. */
  restart(): TestProcess {
    this.#now.process.crash();
    return (this.#now.process = this.#ports.startProcess());
  }

  /** From now on, too. */
  addFaults(...faults: readonly Fault[]): void {
    this.#ports.faults.add(...faults);
  }

  clearFaults(): void {
    this.#ports.faults.clear();
  }

  /**
   * Resolves when the condition holds: looks at every turn of the event loop, so before time jumps on. Rejects with
   * `timed-out` after some seconds.
   */
  async until(condition: () => boolean | Promise<boolean>, what = 'The condition'): Promise<void> {
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      if (await condition()) return;
      await (look < LOOKS_AT_ONCE ? turnsOfTheLoop(1) : new Promise((resolve) => setTimeout(resolve, 1)));
    }
    throw new OstinatoError('timed-out', `${what} that the test waits for did not come true.`, {
      remedy: 'Look whether something that it needs was started, and whether virtual time has to be moved on for it.',
    });
  }

  close(): Promise<void> {
    return this.#ports.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Looks before a pause of a millisecond is made between them. */
const LOOKS_AT_ONCE = 1000;
const LOOKS_MAX = 6000;

/**
 * @example
 * await using world = await createTestWorld({ faults: [{ task: 'load', attempt: 1, throw: new Error('down') }] });
 * assert.equal(await world.run(() => pipeline({ day: '2030-01-01' })), 42);
 * assert.deepEqual(await world.states('load'), ['Pending', 'Running', 'AwaitingRetry', 'Retrying', 'Completed']);
 */
export async function createTestWorld(options: TestWorldOptions = {}): Promise<TestWorld> {
  captureConsole();
  return new TestWorld(createTestPorts(options));
}
