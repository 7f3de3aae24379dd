/** Reads fields of answers that are not under our control: unexpected types count as absent. */

import { parseInstant, type Instant } from '../../../core/time.ts';

export type Wire = Readonly<Record<string, unknown>>;

export function object(value: unknown): Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Wire) : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

export function texts(value: unknown): readonly string[] {
  return list(value).filter((item) => typeof item === 'string');
}

export function instantIn(wire: Wire, key: string): Instant | null {
  const value = text(wire[key]);
  return value === null ? null : parseInstant(value);
}

/** Seconds with a fraction, to microseconds. */
export function microseconds(value: unknown): number {
  return Math.round((number(value) ?? 0) * 1_000_000);
}

/** A list of numbers, from a list, one number, or nothing. */
export function delays(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  return list(value).filter((item) => typeof item === 'number');
}
