/**
 * One simulated process: the product's own engine, recorder, journal and client, around a life that can end at any
 * contact.
 */

import { askControl, controlBy } from '../src/client/control/by-name.ts';
import { createInProcessClient, type ClientUseCases } from '../src/client/in-process.ts';
import { Journal } from '../src/client/journal.ts';
import { JOURNAL_VERSION, type JournalOwner } from '../src/client/journal-payload.ts';
import type { OstinatoClient } from '../src/client/port.ts';
import type { ProcessId } from '../src/core/ids.ts';
import { isPromise, type MaybePromise } from '../src/core/maybe-promise.ts';
import { provideEngine } from '../src/engine/all-loaded.ts';
import type { EngineDoor } from '../src/engine/door.ts';
import type { EnginePorts } from '../src/engine/ports.ts';
import { createUseCases, type UseCases } from '../src/orchestrator/use-cases.ts';
import { captureCallSite } from '../src/platform/call-sites.ts';
import { checksum, hashText } from '../src/platform/hash.ts';
import { createLargeParts } from '../src/platform/large-parts.ts';
import { livenessOf } from '../src/platform/process-liveness.ts';
import { recoverInto } from '../src/server/recovery.ts';
import { isolateHost } from '../src/sdk/isolate-host.ts';
import { controlInProcess } from '../src/server/control-in-process.ts';
import { Faults } from '../src/testing/faults.ts';
import { MortalRecorder } from '../src/testing/test-process.ts';
import { clockOf, Life, never } from './life.ts';
import { marked, travel } from './network.ts';
import type { SimWorld } from './sim-world.ts';

/** Nobody answers this host when asked about a pid. */
export const SERVER_HOST = 'server';
const SCOPE = 'boot.1';
/** A process that starts while the store is away looks again after this. */
const AWAY_MS = 500;

export class SimProcess {
  readonly life = new Life();
  readonly id: ProcessId;
  readonly pid: number;
  readonly host: string;
  readonly name: string;
  readonly ports: EnginePorts;
  readonly door: EngineDoor;
  readonly startedAtUs: number;
  readonly #world: SimWorld;

  constructor(world: SimWorld, pid: number, host: string) {
    provideEngine();
    this.#world = world;
    this.pid = pid;
    this.host = host;
    this.name = `p${pid}`;
    this.startedAtUs = world.clock.elapsedUs;
    const { ids } = world;
    const id = (this.id = ids.next<ProcessId>());
    const clock = clockOf(this.life, world.clock);
    const client = this.#client();
    const owner = ownerOf(this);
    const journal = world.chaos.plan.journal
      ? new Journal({
          folder: world.home.openFolder(
            this.life,
            (what) => this.strike(what),
            () => world.chaos.draw(),
          ),
          header: { ...owner, version: JOURNAL_VERSION, store: world.storage.description },
          clock,
          checksum,
        })
      : null;
    const callSites = { capture: captureCallSite };
    const now = world.clock.now();
    this.ports = {
      client,
      clock,
      ids,
      random: () => world.chaos.draw(),
      hash: hashText,
      largeParts: createLargeParts(),
      callSites,
      recorder: new MortalRecorder(
        { client, journal, clock, ids, onProblem: (error) => this.say(`recorder: ${error.message}`) },
        this.life,
        new Faults([]),
      ),
      process: { id, pid, host, startMark: owner.startMark, command: 'simulated', startedAt: now, heartbeatAt: now },
      isolates: isolateHost(),
      settings: {
        durability: 'process',
        concurrency: 100,
        cancelGraceSeconds: 10,
        captureConsole: false,
        logLevel: 10,
        persistResults: true,
      },
      observers: [{ noticed: (_level, message) => this.say(message) }],
    };
    this.door = { ids, clock, callSites, open: () => (this.life.dead ? never<EnginePorts>() : this.ports) };
    this.life.onDeath(() => this.say('dies'));
  }

  say(what: string): void {
    this.#world.trace.say(this.#world.clock.elapsedUs, this.name, what);
  }

  /** Asked at each contact with the outside: whether, and where in it, the process dies. */
  strike(what: string): 'before' | 'torn' | 'after' | null {
    const struck = this.#world.chaos.strike();
    if (struck !== null) this.say(`is killed (${struck} ${what})`);
    return struck;
  }

  /** As every process that opens a home: what the dead had promised goes into the store first. */
  async open(): Promise<void> {
    const recover = (): Promise<unknown> =>
      recoverFrom(this.#world, ownerOf(this), (owner) => this.#world.isDead(owner, this.host));
    // A client waits for a server that is lost over it.
    while ((await recover()) !== null)
      await new Promise<void>((resolve) => this.#world.clock.setTimer(AWAY_MS, resolve));
  }

  #client(): OstinatoClient {
    const world = this.#world;
    const useCases = useCasesOn(world, this.host, ownerOf(this));
    const base = world.server ?? world.plantClient(useCases);
    const control = controlInProcess(() => useCases, world.clock);
    const methods = Object.entries(base).map(([name, method]) => [
      name,
      this.#contact(name, method as (...args: readonly unknown[]) => unknown),
    ]);
    const results = world.results;
    return createInProcessClient(Object.fromEntries(methods) as ClientUseCases, {
      description: 'simulated',
      control: controlBy((noun, method, args) =>
        this.#contact(`${noun}.${method}`, () => askControl(control, noun, method, args))(),
      ),
      results: {
        write: (hash, text, options) => (this.life.dead ? never<string>() : results.write(hash, text, options)),
        read: (key) => (this.life.dead ? never<string | null>() : results.read(key)),
      },
      close: async () => {},
    });
  }

  /** A method as this process reaches it. */
  #contact(name: string, method: (...args: readonly unknown[]) => unknown) {
    const world = this.#world;
    const { network } = world.chaos.plan;
    const call = (...args: readonly unknown[]): unknown => {
      if (this.life.dead) return never();
      if (this.life.frozen) return this.life.running().then(() => call(...args));
      const struck = this.strike(name);
      if (struck === 'before') return this.#die();
      if (network === null) {
        const answer = method(...args) as MaybePromise<unknown>;
        if (struck !== null) return this.#die();
        return isPromise(answer) ? this.life.reach(answer) : answer;
      }
      const road = {
        clock: world.clock,
        faults: network,
        draw: () => world.chaos.draw(),
        say: (what: string) => this.say(what),
      };
      const sent = marked(name, args, () => world.ids.next());
      const answer = travel(road, name, this.life, () => method(...sent));
      // A dead process hears nothing, neither answers nor failures.
      answer.catch(() => undefined);
      if (struck === null) return this.life.reach(answer);
      // Torn: it dies while the call is on its way. After: with the answer in its hands.
      if (struck === 'torn') return this.#die();
      return answer.then(
        () => this.#die(),
        () => this.#die(),
      );
    };
    return call;
  }

  #die<T>(): Promise<T> {
    this.life.end();
    return never();
  }
}

function ownerOf({ id, pid, host }: Pick<SimProcess, 'id' | 'pid' | 'host'>): JournalOwner {
  return { processId: id, pid, host, startMark: `${SCOPE}.${pid}` };
}

/** The product's rules of life, on a host where every pid starts at the tick of its own number. */
export function livenessOn(world: SimWorld, host: string) {
  return (record: Parameters<typeof livenessOf>[0], now: Parameters<typeof livenessOf>[1]) =>
    livenessOf(record, now, {
      host,
      scope: SCOPE,
      startOf: (pid) => (world.isPidAlive(pid) ? { ticks: String(pid), state: 'S' } : null),
      exists: (pid) => world.isPidAlive(pid),
    });
}

/** The orchestrator as it runs on one host. */
export function useCasesOn(world: SimWorld, host: string, self: JournalOwner): UseCases {
  const { clock, ids } = world;
  const judge = livenessOn(world, host);
  return createUseCases({
    storage: world.storage,
    clock,
    ids,
    random: () => world.chaos.draw(),
    liveness: (process) => judge(process, clock.now()),
    async recoverProcess() {
      const failure = await recoverFrom(world, self, (owner) => world.isDead(owner, host));
      if (failure !== null) throw failure;
    },
  });
}

export function serverOn(world: SimWorld): ClientUseCases {
  return useCasesOn(world, SERVER_HOST, {
    processId: world.ids.next<ProcessId>(),
    pid: 0,
    host: SERVER_HOST,
    startMark: null,
  });
}

async function recoverFrom(
  world: SimWorld,
  self: JournalOwner,
  isDead: (owner: JournalOwner) => MaybePromise<boolean>,
): Promise<unknown> {
  return await recoverInto(world.storage, {
    folder: world.home.openFolder(
      new Life(),
      () => null,
      () => 0,
    ),
    self,
    isDead,
    onReport: ({ message }) => world.trace.say(world.clock.elapsedUs, 'recovery', message),
  });
}
