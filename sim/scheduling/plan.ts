/** One simulation of schedules, pools and workers, drawn from its seed. */

import type { Schedule } from '../../src/core/schedules/schedule.ts';
import { CATCH_UPS, OVERLAPS, type SlotPolicy } from '../../src/core/schedules/slot-policy.ts';
import { parseInstant, type Instant } from '../../src/core/time.ts';
import { seededRandom, type Random } from '../../src/platform/random.ts';
import type { StoreFaults } from '../chaos.ts';

export interface PlannedSchedule {
  readonly slug: string;
  readonly schedule: Schedule;
  /** `null`: as Prefect's clients make them. */
  readonly policy: SlotPolicy | null;
  /** People change it while the simulation runs. */
  readonly isEdited: boolean;
}

export interface SchedulingPlan {
  readonly seed: number;
  readonly startsAt: Instant;
  /** Seconds in which things go wrong; then everything is mended, and as long passes again. */
  readonly chaosSeconds: number;
  readonly calmSeconds: number;
  readonly servers: number;
  readonly workers: number;
  readonly schedules: readonly PlannedSchedule[];
  readonly poolLimit: number | null;
  readonly deploymentLimit: number | null;
  readonly store: StoreFaults;
  /** What people and machines do, at most so many times. */
  readonly strikes: number;
  /** That a process dies, each time it comes back from outside. */
  readonly deathOdds: number;
}

/** Clocks of Berlin go back an hour at 01:00 UTC; those of New York forward at 07:00 UTC; and a day like any other. */
const STARTS = ['2026-10-25T00:20:00Z', '2026-03-08T06:30:00Z', '2026-06-01T11:58:30Z'];
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', null];

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T;
}

export function drawSchedulingPlan(seed: number): SchedulingPlan {
  const random = seededRandom(seed * 11 + 3);
  const startsAt = parseInstant(pick(random, STARTS)) as Instant;
  const count = 1 + Math.floor(random() * 3);
  return {
    seed,
    startsAt,
    chaosSeconds: 3600,
    calmSeconds: 1800,
    servers: pick(random, [1, 2]),
    workers: pick(random, [1, 2, 3]),
    schedules: Array.from({ length: count }, (_, index) => ({
      slug: `s${index}`,
      schedule: drawSchedule(random),
      policy: drawPolicy(random),
      isEdited: random() < 0.4,
    })),
    poolLimit: pick(random, [null, 1, 2]),
    deploymentLimit: pick(random, [null, null, 2]),
    store: {
      latencyMsMax: pick(random, [1, 40, 400]),
      againOdds: pick(random, [0, 0.1, 0.4]),
      breakOdds: pick(random, [0, 0.01, 0.04]),
    },
    strikes: pick(random, [4, 12, 30]),
    deathOdds: pick(random, [0, 0.005, 0.03]),
  };
}

export function drawSchedule(random: Random): Schedule {
  const timezone = pick(random, ZONES);
  const minutes = pick(random, [2, 5, 7, 15]);
  if (random() < 0.5) return { kind: 'cron', cron: `*/${minutes} * * * *`, timezone, dayOr: true };
  return {
    kind: 'interval',
    interval: minutes * 60,
    anchorDate: parseInstant('2026-01-01T00:00:17Z') as Instant,
    timezone,
  };
}

export function drawPolicy(random: Random): SlotPolicy | null {
  if (random() < 0.25) return null;
  return {
    catchUp: pick(random, CATCH_UPS),
    maxLatenessSeconds: pick(random, [null, null, 90, 600]),
    overlap: pick(random, OVERLAPS),
  };
}
