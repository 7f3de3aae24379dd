/** The workload of a simulation, as data: what a flow does, and what must come out of it. */

import type { Durability } from '../src/core/durability.ts';

export interface StepSpec {
  readonly id: number;
  readonly delayMs: number;
  /** Attempts that fail before one does not; more than `retries` never happens. */
  readonly failures: number;
  /** Attempts that hang until their timeout; failures and hangs together are covered by the retries. */
  readonly hangs: number;
  /** Hangs without listening to its signal. */
  readonly deaf: boolean;
  readonly retries: number;
  readonly retryDelaySeconds: number;
  readonly timeoutSeconds: number | null;
  /** Fails in the end, whatever is tried. */
  readonly isDoomed: boolean;
  /** Steps of all flows with the same number share a cached result, which depends on that number only. */
  readonly cacheNumber: number | null;
  readonly durability: Durability | null;
  /** The result is too large for a row. */
  readonly big: boolean;
  /** Tasks that the body calls, one after the other. */
  readonly inside: readonly Plan[];
}

export type Plan =
  | { readonly kind: 'step'; readonly step: StepSpec }
  /** `chained`: neighbouring steps get each other's futures instead of values. */
  | { readonly kind: 'sequence'; readonly parts: readonly Plan[]; readonly chained: boolean }
  /** All at once, the first failure fails it. `twins`: the same part several times, with inputs of their own. */
  | { readonly kind: 'parallel'; readonly parts: readonly Plan[] }
  /** `again`: a second fan-out walks the values of the first as they come. */
  | {
      readonly kind: 'map';
      readonly items: readonly StepSpec[];
      readonly concurrency: number;
      readonly again: boolean;
      readonly id: number;
    }
  | {
      readonly kind: 'subflow';
      readonly id: number;
      readonly part: Plan;
      readonly concurrency: number;
      readonly failures: number;
      readonly retries: number;
    }
  | {
      readonly kind: 'transaction';
      readonly id: number;
      readonly steps: readonly StepSpec[];
      readonly rollsBack: boolean;
    }
  /** Failures of the part are caught. */
  | { readonly kind: 'caught'; readonly part: Plan };

export interface RootSpec {
  /** Names it among all of the simulation. */
  readonly job: string;
  readonly plan: Plan;
  readonly input: number;
  readonly concurrency: number;
  /** Attempts of the flow that fail at their end. */
  readonly failures: number;
  readonly retries: number;
  readonly durability: Durability;
}

/** What makes an `attempt` fail on purpose. */
export class PlannedFailure extends Error {
  override get name(): string {
    return 'PlannedFailure';
  }
}

const MODULUS = 1_000_003;

/** Depends on every number and on their order. */
export function mix(...numbers: readonly number[]): number {
  let mixed = 17;
  for (const number of numbers) mixed = (mixed * 31 + number + 7) % MODULUS;
  return mixed;
}

export const CAUGHT = -1;

/** Names one call of a step, whoever makes it and however often: calls that are equal in everything share it. */
export function stepKey(path: string, id: number, input: number): string {
  return `${path}/${id}:${input}`;
}

export function insideOf(key: string): string {
  return `${key}>`;
}

export function subflowPath(path: string, id: number, input: number): string {
  return `${path}/flow${id}:${input}`;
}
