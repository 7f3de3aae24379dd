/** What backfills are asked with, and what they answer: types alone, nothing of it is loaded. */

import type { BackfillState, Rerun, SlotOrder } from '../core/backfills/backfill.ts';

export interface BackfillOptions<Parameters extends object = Readonly<Record<string, unknown>>> {
  /** The first slot: a day (`2026-03-01`), a time by the schedule's clocks (`2026-03-01T09:00`), or a `Date`. */
  readonly from: string | Date;
  /** The end, itself not included. Default: now. */
  readonly to?: string | Date;
  /** The slug or the id of one of its schedules. Default: the only one that it has. */
  readonly schedule?: string;
  /** Other times than those of a schedule. */
  readonly cron?: string;
  /** The same: every so many seconds from `from` on. */
  readonly intervalSeconds?: number;
  /** Of `cron` and `intervalSeconds`, such as `Europe/Berlin`. Default: UTC. */
  readonly timezone?: string;
  /** Which slots run first. Default: `oldest`. */
  readonly order?: SlotOrder;
  /** How many of its runs may be under way at once, 1 to 1000. Default: 1. */
  readonly concurrency?: number;
  /** Which slots run that have had a run: none (`missing`, default), those whose last one did not complete, all. */
  readonly rerun?: Rerun;
  /**
   * Over those of the deployment and the schedule. Texts may name the slot: `{{ slot.start }}`, `{{ slot.end }}`,
   * `{{ slot.date }}`.
   */
  readonly parameters?: Partial<Parameters>;
  /** What it is called. Default: two words. */
  readonly name?: string;
}

/** How many slots are where. */
export interface BackfillProgress {
  readonly total: number;
  /** They have no run yet. */
  readonly waiting: number;
  /** Their run has not ended. */
  readonly open: number;
  readonly completed: number;
  readonly failed: number;
  readonly crashed: number;
  readonly cancelled: number;
  /** They have had a run before. */
  readonly leftOut: number;
}

/** A backfill: what is known of it at one time, and what can be done about it. */
export interface Backfill {
  readonly id: string;
  readonly name: string;
  /** `FLOW/NAME` */
  readonly deployment: string;
  readonly from: Date;
  /** Itself not included. */
  readonly to: Date;
  readonly state: BackfillState;
  /** Why it is so; `null`: nothing is to be said. */
  readonly reason: string | null;
  readonly progress: BackfillProgress;
  /** As it is now. */
  refresh(): Promise<Backfill>;
  /** As it is when it has ended and its runs have, or when `timeoutSeconds` are over (default: never). */
  wait(options?: { readonly timeoutSeconds?: number }): Promise<Backfill>;
  /** It makes no more runs; those that it has made go on. */
  pause(): Promise<Backfill>;
  resume(): Promise<Backfill>;
  /** It ends; `running`: what has begun is cancelled, too (default: only what has not). */
  abort(options?: { readonly running?: boolean }): Promise<Backfill>;
}
