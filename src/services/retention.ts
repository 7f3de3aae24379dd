/**
 * Forgets what is older than the settings say: runs with all that belongs to them, logs, artifacts, results. Off unless
 * set.
 *
 * 1. In small steps with a breath between: each holds the write lock for some milliseconds, whatever a run consists of.
 * 2. Nothing of a run that is active, or that an active run needs; no result that the cache still gives. However much
 *    of that comes first, what lies behind it goes: a tick goes on where the last one stopped.
 * 3. A step that fails is told by its loop, and tried again at the next tick.
 */

import type { ArtifactId, FlowRunId } from '../core/ids.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import { addSeconds, type Clock, type Instant } from '../core/time.ts';
import type { EndedRunPlace, RetentionStep, RetentionStorage } from '../store/port/retention.ts';

export const RETENTION_PERIOD_SECONDS = 60;

/** Seconds; `null`: for ever. */
export interface RetentionSettings {
  /** Seconds since the run ended. */
  readonly runsSeconds: number | null;
  readonly logsSeconds: number | null;
  /** Seconds since the artifact was last changed. */
  readonly artifactsSeconds: number | null;
  /** Seconds since the result was last written. */
  readonly resultsSeconds: number | null;
}

/** The files of the result store. */
export interface ResultShelf {
  /**
   * Keys of results that were last written before, one part of the store after the other; an empty list ends a part.
   */
  listBefore(before: Instant): MaybePromise<readonly string[]>;
  remove(keys: readonly string[]): MaybePromise<void>;
}

export interface RetentionParts {
  readonly settings: RetentionSettings;
  readonly storage: RetentionStorage;
  /** Deletes the run, with its event. */
  readonly deleteFlowRun: (id: FlowRunId) => MaybePromise<boolean>;
  readonly deleteArtifact: (id: ArtifactId) => MaybePromise<unknown>;
  readonly results: ResultShelf;
  readonly clock: Pick<Clock, 'yieldToEventLoop'>;
}

const STEP_ROWS = 200;
const RUNS_AT_ONCE = 50;
/** Steps of each kind in one tick; the next tick continues. */
const STEPS_MAX = 200;

export class Retention {
  readonly #parts: RetentionParts;
  /** Where the next tick continues, if the last one did not finish. */
  #runPlace: EndedRunPlace | null = null;
  #logPlace: number | null = null;
  #artifactPlace: ArtifactId | null = null;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  async tick(now: Instant): Promise<void> {
    const { runsSeconds, logsSeconds, artifactsSeconds, resultsSeconds } = this.#parts.settings;
    if (runsSeconds !== null) await this.#forgetRuns(addSeconds(now, -runsSeconds));
    if (logsSeconds !== null) {
      this.#logPlace = await this.#stepwise(this.#logPlace, (after) =>
        this.#parts.storage.deleteLogsBefore(addSeconds(now, -logsSeconds), after, STEP_ROWS),
      );
    }
    if (artifactsSeconds !== null) await this.#forgetArtifacts(addSeconds(now, -artifactsSeconds));
    if (resultsSeconds !== null) await this.#forgetResults(addSeconds(now, -resultsSeconds), now);
  }

  async #forgetRuns(endedBefore: Instant): Promise<void> {
    const { storage, deleteFlowRun, clock } = this.#parts;
    let steps = 0;
    do {
      const { found, next } = await storage.listEndedRuns(endedBefore, this.#runPlace, RUNS_AT_ONCE);
      for (const id of found) {
        while ((await storage.compactFlowRun(id, STEP_ROWS)) > 0) {
          if ((steps += 1) >= STEPS_MAX) return;
          await clock.yieldToEventLoop();
        }
        await deleteFlowRun(id);
        if ((steps += 1) >= STEPS_MAX) return;
        await clock.yieldToEventLoop();
      }
      this.#runPlace = next;
      if ((steps += 1) >= STEPS_MAX) return;
      await clock.yieldToEventLoop();
    } while (this.#runPlace !== null);
    await this.#inSteps(() => storage.deleteTaskRunsBefore(endedBefore, STEP_ROWS));
  }

  async #forgetArtifacts(before: Instant): Promise<void> {
    const { storage, deleteArtifact } = this.#parts;
    this.#artifactPlace = await this.#stepwise(this.#artifactPlace, async (after) => {
      const step = await storage.listArtifactsBefore(before, after, STEP_ROWS);
      for (const id of step.found) await deleteArtifact(id);
      return step;
    });
  }

  async #forgetResults(before: Instant, now: Instant): Promise<void> {
    const { storage, results, clock } = this.#parts;
    for (let step = 0; step < STEPS_MAX; step += 1) {
      const keys = await results.listBefore(before);
      if (keys.length === 0) return;
      const needed = new Set(await storage.findNeededResults(keys, now));
      await results.remove(keys.filter((key) => !needed.has(key)));
      await clock.yieldToEventLoop();
    }
  }

  /** @returns where to continue; `null` when finished */
  async #stepwise<Place>(
    from: Place | null,
    step: (after: Place | null) => MaybePromise<RetentionStep<unknown, Place>>,
  ): Promise<Place | null> {
    let place = from;
    for (let count = 0; count < STEPS_MAX; count += 1) {
      place = (await step(place)).next;
      if (place === null) return null;
      await this.#parts.clock.yieldToEventLoop();
    }
    return place;
  }

  async #inSteps(step: () => MaybePromise<number>): Promise<void> {
    for (let count = 0; count < STEPS_MAX; count += 1) {
      if ((await step()) < STEP_ROWS) return;
      await this.#parts.clock.yieldToEventLoop();
    }
  }
}
