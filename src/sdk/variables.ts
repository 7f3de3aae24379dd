/** Variables: small named JSON values that flows share. */

import type { Variable } from '../core/variable.ts';
import { currentPorts } from './runtime.ts';

async function getVariable(name: string, fallback?: unknown): Promise<unknown> {
  const ports = await currentPorts();
  const found = await ports.client.control.variables.read(name);
  if (!found) return fallback;
  if (found.exactValue === undefined) return found.value;
  const { heldValue } = await import('../core/written-number.ts');
  return heldValue(found.exactValue);
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
    const { exactly } = await import('../core/written-number.ts');
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
