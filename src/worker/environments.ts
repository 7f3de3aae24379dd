/**
 * The packages of a run: an environment made from its lock file, known again by the hash of what the file says, and
 * shared by the runs that need the same. It is never changed when it is made: what one run installs is there for no
 * other.
 */

import { OstinatoError } from '../core/errors.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { secondsBetween, sleep, type Clock } from '../core/time.ts';
import { killMarked } from '../platform/child-group.ts';
import { MAKING_ENTRY } from '../platform/handed-run.ts';
import type { EnvironmentShelf, ShelfLimits } from '../platform/environment-shelf.ts';
import { environmentKey, type LockFile } from '../platform/lock-files.ts';
import { linkInto } from '../platform/run-folder.ts';
import { nodePlan, pythonPlan, type EnvironmentPlan } from './environment-plan.ts';
import { runPreparing, stopIfEnding, type StartHearing } from './preparation.ts';

/** While another run makes it. */
const LOOK_MS = 200;
/** What is not needed any more is looked for so often. */
const PRUNE_SECONDS = 600;

export interface EnvironmentParts {
  readonly shelf: EnvironmentShelf;
  readonly limits: ShelfLimits;
  readonly clock: Clock;
}

export interface EnvironmentWanted {
  readonly lockFile: LockFile;
  /** Of the programs that make it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Who needs it: its mark says so while it lasts. */
  readonly runId: string;
  readonly hearing: StartHearing;
}

export interface MadeEnvironment {
  readonly folder: string;
  /** The interpreter in it; `null`: it is one of Node. */
  readonly python: string | null;
  /** From then on it may be pruned. */
  readonly release: () => void;
}

export class Environments {
  readonly #parts: EnvironmentParts;
  #prunedAt: number | null = null;

  constructor(parts: EnvironmentParts) {
    this.#parts = parts;
  }

  /** @throws what is wrong with the lock file, or how a program failed: nothing half is left then */
  async take(wanted: EnvironmentWanted): Promise<MadeEnvironment> {
    const { shelf, clock } = this.#parts;
    const { hearing, lockFile, runId } = wanted;
    await this.prune();
    const since = clock.now();
    const plan = lockFile.kind === 'package-lock.json' ? await nodePlan(wanted) : await pythonPlan(wanted);
    const key = environmentKey(plan.parts);
    const label = `Environment ${key.slice(0, 8)} of ${plan.label}`;
    let how = 'was there';
    for (let isTold = false; !shelf.isReady(key);) {
      stopIfEnding(label, hearing);
      const lock = shelf.claim(key);
      if (lock === null) {
        if (!isTold) hearing.say(LOG_LEVELS.info, `${label} is being made by another run: it is waited for.`);
        isTold = true;
        how = 'was made by another run';
        await sleep(clock, LOOK_MS);
        continue;
      }
      try {
        if (shelf.isReady(key)) continue;
        hearing.say(LOG_LEVELS.info, `${label} is made, by ${plan.tool}.`);
        await this.#make(key, plan, label, wanted);
        how = 'is made';
      } finally {
        lock.release();
      }
    }
    const release = shelf.use(key, runId);
    const seconds = secondsBetween(since, clock.now()).toFixed(1);
    hearing.say(LOG_LEVELS.info, `${label} ${how}: ready after ${seconds} s.`);
    const folder = shelf.folderOf(key);
    return { folder, python: plan.python === null ? null : `${folder}/${plan.python}`, release };
  }

  async #make(key: string, plan: EnvironmentPlan, label: string, { hearing }: EnvironmentWanted): Promise<void> {
    const { shelf } = this.#parts;
    // What a maker that is gone has left at work would go on writing there.
    killMarked(MAKING_ENTRY, key, null);
    const folder = await shelf.begin(key);
    try {
      await plan.make(folder, async (command, args, { cwd, environment }) => {
        const marked = { ...environment, [MAKING_ENTRY]: key };
        const program = { command, args, folder: cwd, environment: marked, secrets: new Set<string>() };
        return await runPreparing(program, label, hearing);
      });
      await shelf.finish(key, plan.label);
    } catch (error) {
      await shelf.drop(key);
      throw error;
    }
  }

  /** Now and then. */
  async prune(): Promise<void> {
    const { shelf, limits, clock } = this.#parts;
    const now = clock.now();
    if (this.#prunedAt !== null && secondsBetween(this.#prunedAt as typeof now, now) < PRUNE_SECONDS) return;
    this.#prunedAt = now;
    await shelf.prune(limits, now);
  }
}

/** @throws `conflict`: the code brings packages of its own */
export function linkPackages(folder: string, made: MadeEnvironment): void {
  if (linkInto(folder, 'node_modules', `${made.folder}/node_modules`)) return;
  throw new OstinatoError('conflict', `${folder} has a node_modules of its own beside its package-lock.json.`, {
    remedy: 'Leave node_modules out of the repository, or set the job variable environment to "none".',
  });
}
