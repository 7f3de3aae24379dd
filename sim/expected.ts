/** What a workload must give, computed without engine, store or time. */

import {
  CAUGHT,
  insideOf,
  mix,
  PlannedFailure,
  stepKey,
  subflowPath,
  type Plan,
  type RootSpec,
  type StepSpec,
} from './plan.ts';

export interface Expectation {
  /** `null`: it must fail. */
  readonly value: number | null;
  /** How often each step is called in one undisturbed run. */
  readonly calls: ReadonlyMap<string, number>;
  /** Steps in transactions: whether they count in the end. */
  readonly counts: ReadonlyMap<string, boolean>;
}

class Evaluation {
  readonly calls = new Map<string, number>();
  readonly counts = new Map<string, boolean>();

  plan(plan: Plan, input: number, path: string): number {
    switch (plan.kind) {
      case 'step':
        return this.step(plan.step, input, path);
      case 'sequence':
        return plan.parts.reduce((value, part) => this.plan(part, value, path), input);
      case 'parallel':
        return mix(...this.all(plan.parts.map((part, index) => () => this.plan(part, mix(input, index), path))));
      case 'map':
        return this.map(plan, input, path);
      case 'subflow':
        return this.plan(plan.part, input, subflowPath(path, plan.id, input));
      case 'transaction':
        return this.transaction(plan, input, path);
      case 'caught':
        try {
          return this.plan(plan.part, input, path);
        } catch (error) {
          if (error instanceof PlannedFailure) return CAUGHT;
          throw error;
        }
    }
  }

  step(step: StepSpec, input: number, path: string): number {
    const key = stepKey(path, step.id, input);
    this.calls.set(key, (this.calls.get(key) ?? 0) + 1);
    const value = step.inside.reduce((inner, part) => this.plan(part, inner, insideOf(key)), input);
    if (step.isDoomed) throw new PlannedFailure();
    return step.cacheNumber === null ? mix(step.id, value) : mix(step.cacheNumber);
  }

  /** Every branch is walked, also when one fails: the others have begun. */
  all(branches: readonly (() => number)[]): number[] {
    const failures: unknown[] = [];
    const values = branches.map((branch) => {
      try {
        return branch();
      } catch (error) {
        failures.push(error);
        return 0;
      }
    });
    if (failures.length > 0) throw failures[0];
    return values;
  }

  map({ items, id, again }: Extract<Plan, { kind: 'map' }>, input: number, path: string): number {
    const values = this.all(items.map((item) => () => this.step(item, input, path)));
    if (!again) return mix(...values);
    const second = values.map((value) => {
      const key = stepKey(path, id, value);
      this.calls.set(key, (this.calls.get(key) ?? 0) + 1);
      return mix(id, value);
    });
    return mix(...second);
  }

  transaction({ steps, rollsBack }: Extract<Plan, { kind: 'transaction' }>, input: number, path: string): number {
    const keys: string[] = [];
    let counts = false;
    try {
      let value = input;
      for (const step of steps) {
        keys.push(stepKey(path, step.id, value));
        value = this.step(step, value, path);
      }
      if (rollsBack) throw new PlannedFailure();
      counts = true;
      return value;
    } finally {
      for (const key of keys) this.counts.set(key, counts);
    }
  }
}

export function expectedOf({ plan, input, job }: RootSpec): Expectation {
  const evaluation = new Evaluation();
  let value: number | null;
  try {
    value = evaluation.plan(plan, input, job);
  } catch (error) {
    if (!(error instanceof PlannedFailure)) throw error;
    value = null;
  }
  return { value, calls: evaluation.calls, counts: evaluation.counts };
}
