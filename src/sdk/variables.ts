/** Variables: small named JSON values that flows share. */

import type { Variable } from '../core/variable.ts';
import { currentPorts } from './runtime.ts';

export const variables = {
  /** The value; `fallback` (default `undefined`) when there is no such variable. */
  get: async <T = unknown>(name: string, fallback?: T): Promise<T> => {
    const ports = await currentPorts();
    const found = await ports.client.readVariable(name);
    return found ? (found.value as T) : (fallback as T);
  },

  /** `conflict` when it exists, unless `overwrite`. */
  set: async (name: string, value: unknown, options: { readonly tags?: readonly string[]; readonly overwrite?: boolean } = {}): Promise<Variable> => {
    const ports = await currentPorts();
    return await ports.client.setVariable({ name, value, tags: options.tags ?? [], overwrite: options.overwrite ?? false });
  },

  /** Whether there was one. */
  unset: async (name: string): Promise<boolean> => {
    const ports = await currentPorts();
    return await ports.client.unsetVariable(name);
  },
} as const;
