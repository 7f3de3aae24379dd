import { formatInstant, parseInstant, type Instant } from '../../core/time.ts';

export function instantOrNull(instant: Instant | null | undefined): string | null {
  return instant === null || instant === undefined ? null : formatInstant(instant);
}

/** Seconds with microseconds. */
export function seconds(microseconds: number): number {
  return Math.max(0, microseconds) / 1_000_000;
}

const BEGINNING = 0 as Instant;

/** Of a server that may leave it out: the beginning of time, then. */
export function readInstant(text: unknown): Instant {
  return (typeof text === 'string' ? parseInstant(text) : null) ?? BEGINNING;
}
