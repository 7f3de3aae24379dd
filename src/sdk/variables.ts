/** Variables: small named JSON values that flows share. */

import type { Variable } from '../core/variable.ts';
import { heldValue } from '../core/written-number.ts';
import { currentPorts } from './runtime.ts';

/** The value, with its exact JSON text if a `bigint` is in it: JSON allows what `JSON.stringify` refuses to write. */
function exactly(value: unknown): { readonly value: unknown; readonly exactValue?: string } {
  if (!holdsBigInt(value, 0)) return { value };
  const exactValue = exactJson.stringify(value, (_key, part) =>
    typeof part === 'bigint' ? exactJson.rawJSON(String(part)) : part,
  );
  return { value: JSON.parse(exactValue), exactValue };
}

const exactJson = JSON as typeof JSON & { rawJSON(text: string): object };
/** Deeper values are refused later anyway. */
const DEPTH_MAX = 100;

function holdsBigInt(value: unknown, depth: number): boolean {
  if (typeof value === 'bigint') return true;
  return (
    typeof value === 'object' &&
    value !== null &&
    depth < DEPTH_MAX &&
    Object.values(value).some((part) => holdsBigInt(part, depth + 1))
  );
}

async function getVariable(name: string, fallback?: unknown): Promise<unknown> {
  const ports = await currentPorts();
  const found = await ports.client.control.variables.read(name);
  if (!found) return fallback;
  return found.exactValue === undefined ? found.value : heldValue(found.exactValue);
}

interface GetVariable {
  <T = unknown>(name: string): Promise<T | undefined>;
  <T = unknown>(name: string, fallback: T): Promise<T>;
  <T = unknown>(name: string, fallback: T | null): Promise<T | null>;
  <T = unknown>(name: string, fallback: T | undefined): Promise<T | undefined>;
}

export const variables = {
  /**
   * The value; `fallback` (default `undefined`) when there is no such variable. A whole number that JavaScript's
   * numbers cannot hold (set by another program, or as a `bigint`) is a `bigint`.
   */
  get: getVariable as GetVariable,

  /** `conflict` when it exists, unless `overwrite`. A `bigint` in the value is kept as the whole number that it is. */
  set: async (
    name: string,
    value: unknown,
    options: { readonly tags?: readonly string[]; readonly overwrite?: boolean } = {},
  ): Promise<Variable> => {
    const ports = await currentPorts();
    return await ports.client.control.variables.set({
      name,
      ...exactly(value),
      tags: options.tags ?? [],
      overwrite: options.overwrite ?? false,
    });
  },

  /** Returns whether the variable existed. */
  unset: async (name: string): Promise<boolean> => {
    const ports = await currentPorts();
    return await ports.client.control.variables.unset(name);
  },
} as const;
