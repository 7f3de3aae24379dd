/** What all processes of one simulation share: time, store, home, and the list of who is alive. */

import type { ClientUseCases } from '../src/client/in-process.ts';
import type { JournalOwner } from '../src/client/journal-payload.ts';
import type { IdSource } from '../src/core/ids.ts';
import { instantFromMs, type Instant } from '../src/core/time.ts';
import { seededRandom } from '../src/platform/random.ts';
import { openSqliteStorage } from '../src/store/dialect/sqlite/index.ts';
import type { Storage } from '../src/store/port.ts';
import { MemoryResults } from '../src/testing/memory-results.ts';
import { createSeededIds } from '../src/testing/seeded-ids.ts';
import { Chaos, type ChaosPlan } from './chaos.ts';
import { SimulatedHome } from './journals.ts';
import { openLaterStore, type LaterStore } from './later-store.ts';
import { SimClock } from './sim-clock.ts';
import { livenessOn, serverOn, SimProcess } from './sim-process.ts';
import { StoreWatch } from './store-watch.ts';
import { Trace } from './trace.ts';

export interface Violation {
  readonly invariant: string;
  readonly what: string;
}

export interface WorldOptions {
  readonly seed: number;
  readonly chaos?: ChaosPlan | undefined;
  /** Puts a defect between use cases and store: a checker that never objects proves nothing. */
  readonly plant?: ((storage: Storage) => Storage) | undefined;
  /** As `plant`, between a process and the use cases. */
  readonly plantClient?: ((client: ClientUseCases) => ClientUseCases) | undefined;
}

const STARTED_AT = instantFromMs(Date.UTC(2030, 0, 1));

export class SimWorld {
  readonly seed: number;
  readonly chaos: Chaos;
  readonly trace = new Trace();
  readonly clock: SimClock;
  readonly ids: IdSource;
  readonly home = new SimulatedHome();
  readonly results = new MemoryResults();
  /** As orchestrators have it: perhaps it answers later. */
  readonly storage: Storage;
  /** What is committed now, at once: for whoever looks on. */
  readonly committed: Storage;
  readonly watch: StoreWatch;
  readonly violations: Violation[] = [];
  readonly processes: SimProcess[] = [];
  /** The orchestrator that all processes share; `null`: each has its own. */
  readonly server: ClientUseCases | null;
  /** Set by whoever keeps account of promises. */
  onRolledBack: (name: string) => void = () => {};
  readonly plantClient: (client: ClientUseCases) => ClientUseCases;

  constructor(options: WorldOptions) {
    const { seed } = options;
    this.seed = seed;
    this.chaos = new Chaos(seed, options.chaos);
    this.plantClient = options.plantClient ?? ((client) => client);
    this.clock = new SimClock(STARTED_AT, this.chaos.plan.tickUs, seededRandom(seed * 7 + 4));
    this.ids = createSeededIds(this.clock, seededRandom(seed * 7 + 5));
    const { storage: opened, committed } = this.#open();
    this.committed = committed;
    this.watch = new StoreWatch(committed, {
      object: (invariant, what) => this.object(invariant, what),
      say: (what) => this.trace.say(this.clock.elapsedUs, 'store', what),
      onRolledBack: (name) => this.onRolledBack(name),
    });
    this.storage = this.watch.over(options.plant?.(opened) ?? opened);
    this.server = this.chaos.plan.network === null ? null : this.plantClient(serverOn(this));
  }

  #open(): Pick<LaterStore, 'storage' | 'committed'> {
    const { store: faults } = this.chaos.plan;
    if (faults === null) {
      const storage = openSqliteStorage({ path: ':memory:' });
      return { storage, committed: storage };
    }
    return openLaterStore({
      clock: this.clock,
      faults,
      draw: () => this.chaos.draw(),
      isCalm: () => this.chaos.isCalm,
      say: (what) => this.trace.say(this.clock.elapsedUs, 'store', what),
      onCommit: () => this.watch.committed(),
      onRollBack: () => this.watch.rolledBack(),
    });
  }

  object(invariant: string, what: string): void {
    this.violations.push({ invariant, what });
    this.trace.say(this.clock.elapsedUs, '!!', `${invariant}: ${what}`);
  }

  startProcess(host = `host${1 + this.chaos.upTo(this.chaos.plan.hosts - 1)}`): SimProcess {
    const process = new SimProcess(this, this.processes.length + 1, host);
    this.processes.push(process);
    this.trace.say(this.clock.elapsedUs, process.name, `starts on ${host}`);
    return process;
  }

  isPidAlive(pid: number): boolean {
    return this.processes[pid - 1]?.life.dead === false;
  }

  /** As `server/embedded.ts` judges the owner of a journal. */
  async isDead(owner: JournalOwner, host: string): Promise<boolean> {
    const row = (await this.storage.listProcesses()).find((process) => process.id === owner.processId);
    return !livenessOn(this, host)({ ...owner, heartbeatAt: row?.heartbeatAt ?? (0 as Instant) }, this.clock.now())
      .alive;
  }

  async close(): Promise<void> {
    await this.storage.close();
  }
}
