/**
 * Which Python processes stand ready to fork: one for each interpreter that runs were started with lately.
 *
 * What the interpreter, the system's loader or the client reads when it starts cannot be taken on by a fork: a run that
 * says something else there has a process that is started as it comes.
 */

import type { ChildGroup, OutputStream } from '../platform/child-group.ts';
import { PythonFork, type ForkOrder } from '../platform/python-fork.ts';
import { hasClientSettings } from '../platform/run-folder.ts';

/** Each holds the client in memory, some 90 MB. */
const PARENTS_MAX = 4;
/** Shorter than an environment is kept that nobody uses. */
const IDLE_MS_MAX = 1_800_000;
const LOOK_MS = 60_000;
const READ_AT_START = /^(?:PYTHON|LD_|DYLD_|MALLOC_|SSL_CERT_|OPENSSL_|LANG$|LC_|TZ$|HOME$|PREFECT_(?!_FLOW_))/;

type Entries = Readonly<Record<string, string | undefined>>;

export interface WarmPythonRun {
  readonly python: string;
  readonly order: ForkOrder;
  readonly onLine: (line: string, stream: OutputStream) => void;
}

export class WarmPython {
  readonly #isOn: boolean;
  readonly #ready: (python: string) => void;
  readonly #parents = new Map<string, PythonFork>();
  readonly #started = new Map<string, Entries>();
  #timer: NodeJS.Timeout | null = null;

  /** @param ready hears of an interpreter for which a process stands ready */
  constructor(isOn: boolean, ready: (python: string) => void) {
    this.#ready = ready;
    this.#isOn = isOn && process.platform === 'linux';
  }

  get waiting(): number {
    return [...this.#parents.values()].filter(({ isReady }) => isReady).length;
  }

  /** `null`: none stands ready for it. The next such run may find one. */
  async begin({ python, order, onLine }: WarmPythonRun): Promise<ChildGroup | null> {
    if (!this.#isOn || hasClientSettings(order.folder)) return null;
    const parent = this.#parents.get(python);
    if (parent?.isReady === true && this.#canTakeOn(python, order.environment))
      return await parent.begin(order, onLine);
    if (parent === undefined || parent.isOver) this.#start(python, order.environment);
    return null;
  }

  /** What was forked goes on. */
  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const parent of this.#parents.values()) parent.close();
    this.#parents.clear();
  }

  #canTakeOn(python: string, environment: Entries): boolean {
    const started = this.#started.get(python) ?? {};
    const names = new Set([...Object.keys(environment), ...Object.keys(started)]);
    return [...names].every((name) => environment[name] === started[name] || !READ_AT_START.test(name));
  }

  #start(python: string, environment: Entries): void {
    this.#closeIdle(PARENTS_MAX - 1);
    const own = Object.fromEntries(Object.entries(environment).filter(([name]) => !RUN_ENTRIES.test(name)));
    this.#started.set(python, own);
    this.#parents.set(python, new PythonFork(python, own, () => this.#ready(python)));
    this.#timer ??= setInterval(() => this.#closeIdle(PARENTS_MAX), LOOK_MS).unref();
  }

  /** Those that were not used for long, and the one used longest ago while there are too many. */
  #closeIdle(most: number): void {
    const oldest = [...this.#parents].toSorted(([, a], [, b]) => a.usedAtMs - b.usedAtMs);
    for (const [python, parent] of oldest) {
      const isIdle = performance.now() - parent.usedAtMs > IDLE_MS_MAX;
      if (!parent.isOver && !isIdle && this.#parents.size <= most) continue;
      parent.close();
      this.#parents.delete(python);
    }
  }
}

/** Of one run: what forks carries none of them. */
const RUN_ENTRIES = /^(?:OSTINATO__|PREFECT__FLOW_)/;
