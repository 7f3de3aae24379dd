import type { Branded } from './ids.ts';
import type { Instant } from './time.ts';

export type VariableId = Branded<'VariableId'>;
export type VariableKey = { readonly name: string } | { readonly id: VariableId };

/** Variables are settings, not data. */
export const VARIABLE_CHARACTERS_MAX = 64 * 1024;

export interface Variable {
  readonly id: VariableId;
  /** `[a-z0-9_-]`, at most 255 characters. */
  readonly name: string;
  /** Any JSON value. */
  readonly value: unknown;
  /** The value as JSON text, where JavaScript's numbers cannot say it (`1.0`, `12345678901234567890`). */
  readonly exactValue?: string | undefined;
  readonly tags: readonly string[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface SetVariable {
  readonly name: string;
  readonly value: unknown;
  /** The value as JSON text, where JavaScript's numbers cannot say it. */
  readonly exactValue?: string | undefined;
  readonly tags: readonly string[];
  /** `false`: refuse with `conflict` when the variable exists. */
  readonly overwrite: boolean;
}
