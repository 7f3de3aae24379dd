/**
 * The runs of served deployments: taken when they are due, and run in this process.
 *
 * Invariants:
 * 1. A run is claimed before it begins: of two programs that serve the same deployment, one gets it.
 * 2. Never more than `limit` at a time. What finds no room waits, in the order in which it was told, and is taken when
 *    there is; what is too much for that is left where it is, and is asked for again.
 * 3. A run that is known ahead of its time begins at its time, not at the next question.
 * 4. A run that is asked for now is told by the server as well; asking is the fallback, and says so.
 * 5. At the end nothing more is taken; what runs has a while to finish, and is then asked to stop.
 */

import type { DeploymentClient, DueDeploymentRun } from '../client/control/deployments.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRunId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { addSeconds, secondsBetween, sleep, type Clock, type Timer } from '../core/time.ts';
import type { TakenRun } from '../engine/take-run.ts';

export interface ServedRunsOptions {
  /** Runs at a time. */
  readonly limit: number;
  readonly pollSeconds: number;
  /** At the end, so long what runs may take to finish by itself. */
  readonly drainSeconds: number;
}

/** Whenever it is due. */
export type NamedRun = Omit<DueDeploymentRun, 'dueAt'>;

export interface ServedRunsPorts {
  readonly deployments: Pick<DeploymentClient, 'takeDue'>;
  readonly deploymentIds: readonly string[];
  /** Answers the run when this process has it, or why it is not given. */
  readonly claim: (due: NamedRun) => Promise<TakenRun | Refused>;
  /** Until the run is over. @throws what kept it from beginning, not its own failure */
  readonly run: (due: NamedRun, taken: TakenRun) => Promise<void>;
  /** Opens the channel over which the server tells what is due. */
  readonly listen: (hears: ServedRunsEars) => { readonly close: () => void };
  /** Asks all runs to stop. */
  readonly stopRuns: () => void;
  readonly clock: Clock;
  readonly say: (level: number, message: string) => void;
}

/** Why a run is not given. */
export interface Refused {
  readonly refused: string;
}

/** What the channel tells. */
export interface ServedRunsEars {
  readonly onDue: (runs: readonly NamedRun[]) => void;
  readonly onListening: (isListening: boolean) => void;
}

/** Seconds between two questions while the server tells what is due. */
const TOLD_SECONDS = 30;
/** What is due within so many polls is known ahead. */
const POLLS_AHEAD = 2;
/** Runs that wait here for room: as many as the server tells of at a time. */
const WAITING_MAX = 100;

export class ServedRuns {
  readonly #options: ServedRunsOptions;
  readonly #ports: ServedRunsPorts;
  readonly #active = new Map<FlowRunId, Promise<void>>();
  /** Those that are known ahead of their time. */
  readonly #armed = new Map<FlowRunId, Timer>();
  /** Those that are due, and found no room. */
  readonly #waiting = new Map<FlowRunId, NamedRun>();
  readonly #stopped = new AbortController();
  #wake = new AbortController();
  /** Whether there may be more than there was room for. */
  #isMore = false;
  #troubled = false;
  #isTold = false;

  constructor(options: ServedRunsOptions, ports: ServedRunsPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /** From now on nothing is taken. */
  stop(): void {
    this.#stopped.abort();
    this.#wake.abort();
  }

  /** Asks for what is due now, not only at its next turn. */
  look(): void {
    this.#wake.abort();
  }

  /** Takes and runs until it is stopped, and then until nothing runs any more. */
  async serve(): Promise<void> {
    const channel = this.#ports.listen({
      onDue: (runs) => this.#pushed(runs),
      onListening: (isListening) => this.#listening(isListening),
    });
    try {
      while (!this.#stopped.signal.aborted) {
        await this.#round();
        await this.#rest(this.#pauseSeconds);
      }
    } finally {
      channel.close();
    }
    for (const timer of this.#armed.values()) timer.cancel();
    this.#armed.clear();
  }

  async drain(): Promise<void> {
    const { clock, say, stopRuns } = this.#ports;
    const { drainSeconds } = this.#options;
    if (this.#active.size === 0) return;
    say(LOG_LEVELS.info, `Waiting up to ${drainSeconds} s for ${this.#active.size} run(s) to finish.`);
    const over = Promise.all(this.#active.values());
    const deadline = new AbortController();
    const late = sleep(clock, drainSeconds * 1000, deadline.signal).then(stopRuns, () => {});
    await over;
    deadline.abort();
    await late;
  }

  async #rest(seconds: number): Promise<void> {
    if (!this.#wake.signal.aborted) await sleep(this.#ports.clock, seconds * 1000, this.#wake.signal).catch(() => {});
    if (!this.#stopped.signal.aborted) this.#wake = new AbortController();
  }

  get #pauseSeconds(): number {
    return this.#isTold ? Math.max(this.#options.pollSeconds, TOLD_SECONDS) : this.#options.pollSeconds;
  }

  #listening(isListening: boolean): void {
    this.#isTold = isListening;
    if (isListening) this.#ports.say(LOG_LEVELS.info, 'The server tells what is due, at its time.');
    else
      this.#ports.say(
        LOG_LEVELS.warning,
        `The server does not tell what is due any more: it is asked every ${this.#options.pollSeconds} s.`,
      );
    // What was missed.
    this.look();
  }

  #pushed(runs: readonly NamedRun[]): void {
    for (const run of runs) {
      this.#armed.get(run.id)?.cancel();
      this.#armed.delete(run.id);
      this.#start(run);
    }
  }

  /** A server that cannot be reached is waited for: what runs goes on without it. */
  async #round(): Promise<void> {
    const { say } = this.#ports;
    try {
      await this.#take();
      if (this.#troubled) say(LOG_LEVELS.info, 'The server gives runs again.');
      this.#troubled = false;
    } catch (error) {
      if (!OstinatoError.is(error)) throw error;
      if (!this.#troubled) say(LOG_LEVELS.warning, `${error.message} Asking again.`);
      this.#troubled = true;
    }
  }

  async #take(): Promise<void> {
    const { deployments, deploymentIds, clock } = this.#ports;
    const room = this.#options.limit - this.#active.size;
    this.#isMore = room <= 0;
    if (room <= 0) return;
    const asked = room + this.#armed.size;
    const ahead = addSeconds(clock.now(), POLLS_AHEAD * this.#pauseSeconds);
    const due = await deployments.takeDue(deploymentIds, ahead, asked);
    this.#isMore = due.length >= asked;
    for (const run of due) {
      if (this.#active.has(run.id) || this.#armed.has(run.id)) continue;
      const delayMs = secondsBetween(clock.now(), run.dueAt) * 1000;
      if (delayMs <= 0) this.#start(run);
      else
        this.#armed.set(
          run.id,
          clock.setTimer(Math.ceil(delayMs), () => this.#fall(run)),
        );
    }
  }

  /** The time of a run that was known ahead has come. */
  #fall(run: NamedRun): void {
    this.#armed.delete(run.id);
    this.#start(run);
  }

  #start(run: NamedRun): void {
    if (this.#stopped.signal.aborted || this.#active.has(run.id)) return;
    if (this.#active.size >= this.#options.limit) {
      if (this.#waiting.size < WAITING_MAX) this.#waiting.set(run.id, run);
      else this.#isMore = true;
      return;
    }
    this.#waiting.delete(run.id);
    const over = this.#carry(run).finally(() => {
      this.#active.delete(run.id);
      const [next] = this.#waiting.values();
      if (next !== undefined) this.#start(next);
      else if (this.#isMore) this.look();
    });
    this.#active.set(run.id, over);
  }

  async #carry(run: NamedRun): Promise<void> {
    const { claim, say } = this.#ports;
    try {
      const claimed = await claim(run);
      if ('refused' in claimed) return say(LOG_LEVELS.debug, `${run.name} is not for this program: ${claimed.refused}`);
      await this.#ports.run(run, claimed);
    } catch (error) {
      if (!OstinatoError.is(error)) throw error;
      say(LOG_LEVELS.warning, `Run ${run.name} (${run.id}) did not begin here: ${error.message}`);
    }
  }
}
