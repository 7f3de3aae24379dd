import type { VariableId } from './ids.ts';
import type { Instant } from './time.ts';

export interface Variable {
  readonly id: VariableId;
  /** `[a-z0-9_-]`, at most 255 characters. */
  readonly name: string;
  /** Any JSON value. */
  readonly value: unknown;
  readonly tags: readonly string[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}
