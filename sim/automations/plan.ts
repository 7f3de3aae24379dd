/** One simulation of automations, drawn from its seed. */

import { parseInstant, type Instant } from '../../src/core/time.ts';
import { seededRandom, type Random } from '../../src/platform/random.ts';
import type { StoreFaults } from '../chaos.ts';

export interface PlannedEvent {
  /** When it is sent, in seconds after the beginning. */
  readonly seconds: number;
  readonly name: string;
  readonly resource: string;
  /** So long before it is sent it occurred. */
  readonly lateSeconds: number;
  /** The place of the event that it follows: earlier, later, or one that never comes; `null`: none. */
  readonly follows: number | null;
  /** How often it is sent. */
  readonly times: number;
}

export interface AutomationPlan {
  readonly seed: number;
  readonly startsAt: Instant;
  /** Seconds in which things go wrong; then everything is mended, and so many pass. */
  readonly chaosSeconds: number;
  readonly calmSeconds: number;
  readonly servers: number;
  readonly events: readonly PlannedEvent[];
  readonly store: StoreFaults;
  /** That a server dies, each time that it asks the store or a receiver, and each time that it is answered. */
  readonly deathOdds: number;
  /** A server that has died is started again within it. */
  readonly awayMsMax: number;
  /** How often the clock of a server jumps, by minutes. */
  readonly jumps: number;
  /** That a receiver does not answer as it should. */
  readonly troubleOdds: number;
}

export const NAMES = ['a', 'b', 'c'] as const;
const RESOURCES = ['thing.x', 'thing.y'];

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T;
}

export function drawAutomationPlan(seed: number): AutomationPlan {
  const random = seededRandom(seed * 13 + 5);
  const chaosSeconds = 900;
  const awayMsMax = pick(random, [40_000, 40_000, 1_200_000]);
  const count = 40 + Math.floor(random() * 60);
  return {
    seed,
    startsAt: parseInstant('2026-06-01T11:58:30Z') as Instant,
    chaosSeconds,
    // What is tried again, or waits, takes a quarter of an hour each.
    calmSeconds: 1800 + awayMsMax / 1000,
    awayMsMax,
    servers: pick(random, [1, 2, 2]),
    events: Array.from({ length: count }, () => drawEvent(random, chaosSeconds, count)),
    store: {
      latencyMsMax: pick(random, [1, 10, 40]),
      againOdds: pick(random, [0, 0.1, 0.4]),
      breakOdds: pick(random, [0, 0.01, 0.04]),
    },
    deathOdds: pick(random, [0, 0.002, 0.01]),
    jumps: pick(random, [0, 0, 6]),
    troubleOdds: pick(random, [0, 0.1, 0.4]),
  };
}

function drawEvent(random: Random, seconds: number, count: number): PlannedEvent {
  return {
    seconds: random() * seconds,
    name: pick(random, NAMES),
    resource: pick(random, RESOURCES),
    lateSeconds: random() < 0.2 ? random() * 120 : 0,
    follows: random() < 0.2 ? Math.floor(random() * count * 1.2) : null,
    times: pick(random, [1, 1, 1, 2, 3]),
  };
}
