/**
 * Which Python processes stand ready to fork: one for each interpreter that runs were started with lately.
 *
 * What the interpreter, the system's loader or the client reads when it starts cannot be taken on by a fork: a run that
 * says something else there has a process that is started as it comes.
 */

import type { ChildGroup, OutputStream } from '../platform/child-group.ts';
import { PythonFork, type ForkHears, type ForkOrder } from '../platform/python-fork.ts';
import { hasClientSettings } from '../platform/run-folder.ts';
import { describeEnd, LastLines } from './process-end.ts';

/** Each holds the client in memory, some 90 MB. */
const PARENTS_MAX = 4;
/** Shorter than an environment is kept that nobody uses. */
const IDLE_MS_MAX = 1_800_000;
const LOOK_MS = 60_000;
const READ_AT_START = /^(?:PYTHON|LD_|DYLD_|MALLOC_|SSL_CERT_|OPENSSL_|LANG$|LC_|TZ$|HOME$|PREFECT_(?!_FLOW_))/;

/** After one that could not stand ready; the next cannot, either, as a rule. Twice as long after each further one. */
const AGAIN_MS = 10_000;
const AGAIN_MS_MAX = 600_000;

export interface WarmPythonHears {
  /** Hears of an interpreter for which a process stands ready. */
  readonly ready: (python: string) => void;
  /** Hears why none does, the first time. */
  readonly failed: (python: string, why: string) => void;
}

type Entries = Readonly<Record<string, string | undefined>>;

export interface WarmPythonRun {
  readonly python: string;
  readonly order: ForkOrder;
  readonly onLine: (line: string, stream: OutputStream) => void;
}

export class WarmPython {
  readonly #isOn: boolean;
  readonly #hears: WarmPythonHears;
  /** Interpreters that could not stand ready: how often one after the other, and when they are tried again. */
  readonly #failures = new Map<string, { readonly count: number; readonly againMs: number }>();
  readonly #parents = new Map<string, PythonFork>();
  readonly #started = new Map<string, Entries>();
  #timer: NodeJS.Timeout | null = null;

  constructor(isOn: boolean, hears: WarmPythonHears) {
    this.#hears = hears;
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
    const { againMs = 0 } = this.#failures.get(python) ?? {};
    if ((parent === undefined || parent.isOver) && performance.now() >= againMs) this.#start(python, order.environment);
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
    this.#parents.set(python, new PythonFork(python, own, this.#hearsOf(python)));
    this.#timer ??= setInterval(() => this.#closeIdle(PARENTS_MAX), LOOK_MS).unref();
  }

  #hearsOf(python: string): ForkHears {
    return {
      ready: () => {
        this.#failures.delete(python);
        this.#hears.ready(python);
      },
      failed: (end, lines) => {
        const count = (this.#failures.get(python)?.count ?? 0) + 1;
        const waitMs = Math.min(AGAIN_MS * 2 ** (count - 1), AGAIN_MS_MAX);
        this.#failures.set(python, { count, againMs: performance.now() + waitMs });
        if (count > 1) return;
        const last = new LastLines();
        for (const line of lines) last.add(line);
        this.#hears.failed(python, `${describeEnd(end)} ${last.said()}`);
      },
    };
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
