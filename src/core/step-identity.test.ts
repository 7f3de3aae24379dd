import assert from 'node:assert/strict';
import { hash as digest } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { State } from './state.ts';
import { placeIdentity, StepLedger, stepIdentity, type PlaceFacts, type StepFacts } from './step-identity.ts';
import type { RecordedStep } from './task-run.ts';

const hash = (text: string): string => digest('sha256', text);

function recorded(order: number, step: string, type: 'COMPLETED' | 'FAILED' | 'RUNNING', value = ''): RecordedStep {
  const state = {
    type,
    id: `s${order}`,
    name: type,
    timestamp: order,
    message: value,
    details: {},
    data: null,
  } as unknown as State;
  return {
    id: `t${String(order).padStart(6, '0')}`,
    step,
    state,
    runCount: 1,
    sourceHash: '',
    taskKey: 'k',
    dynamicKey: String(order),
    createdAt: order,
  } as unknown as RecordedStep;
}

test('every part of the identity counts, and parts do not run into each other', () => {
  type Facts = PlaceFacts & Omit<StepFacts, 'place'>;
  const facts: Facts = { parentStep: null, callSite: 'a', key: null, taskKey: 'b', input: 'c' };
  const others: Facts[] = [
    facts,
    { ...facts, parentStep: '' },
    { ...facts, callSite: 'ab', taskKey: '' },
    { ...facts, key: '' },
    { ...facts, key: '-' },
    { ...facts, taskKey: 'c', input: 'b' },
    { ...facts, parentStep: 'a', callSite: '' },
  ];
  const stepIdentityOf = (given: Facts): string => stepIdentity({ ...given, place: placeIdentity(given, hash) }, hash);
  const names = others.map(stepIdentityOf);
  assert.equal(new Set(names).size, others.length);
  for (const name of names) assert.match(name, /^[0-9a-f]{24}$/);
  assert.equal(stepIdentityOf({ ...facts }), names[0]);
});

// A call that failed must not be given what a later, equal one has got: that may have been another call to the caller.
test('equal steps are handed out once each, in the order in which they were made, whatever became of them', () => {
  const ledger = new StepLedger([
    recorded(5, 'x', 'COMPLETED'),
    recorded(1, 'x', 'RUNNING'),
    recorded(2, 'x', 'FAILED'),
    recorded(3, 'x', 'COMPLETED'),
    recorded(4, 'y', 'COMPLETED'),
  ]);
  assert.equal(ledger.size, 5);
  assert.deepEqual(
    [0, 1, 2, 3, 4].map(() => ledger.take('x')?.createdAt),
    [1, 2, 3, 5, undefined],
  );
  assert.deepEqual([ledger.rest().map((step) => step.createdAt), ledger.size], [[4], 1]);
});

/**
 * A program for the model: branches side by side, each a chain of calls; a call's input is the result before it in its
 * branch.
 */
interface Call {
  readonly site: number;
  readonly salt: number;
}

class Execution {
  readonly log: RecordedStep[];
  readonly #ledger: StepLedger;
  readonly #branches: {
    readonly calls: readonly Call[];
    at: number;
    value: string;
    pending: { step: string; result: string } | null;
  }[];
  executed = 0;
  completed = 0;

  constructor(program: readonly (readonly Call[])[], log: RecordedStep[]) {
    this.log = log;
    this.#ledger = new StepLedger(log);
    this.#branches = program.map((calls) => ({ calls, at: 0, value: 'start', pending: null }));
  }

  get done(): boolean {
    return this.#branches.every((branch) => branch.at === branch.calls.length);
  }

  /** One move of one branch: start its call (or take the recorded result), or finish the one that runs. */
  move(pick: number): void {
    const live = this.#branches.filter((branch) => branch.at < branch.calls.length);
    const branch = live[pick % live.length];
    if (branch === undefined) return;
    if (branch.pending !== null) {
      this.log.push(recorded(this.log.length, branch.pending.step, 'COMPLETED', branch.pending.result));
      this.completed += 1;
      branch.value = branch.pending.result;
      branch.pending = null;
      branch.at += 1;
      return;
    }
    const call = branch.calls[branch.at] as Call;
    const step = stepIdentity(
      {
        parentStep: null,
        place: placeIdentity({ callSite: `line ${call.site}`, key: null, taskKey: 'task' }, hash),
        input: hash(`${call.salt}|${branch.value}`),
      },
      hash,
    );
    const found = this.#ledger.take(step);
    if (found?.state.type === 'COMPLETED') {
      branch.value = found.state.message ?? '';
      branch.at += 1;
      return;
    }
    this.executed += 1;
    branch.pending = { step, result: hash(`${call.site}(${call.salt},${branch.value})`).slice(0, 8) };
  }

  results(): string[] {
    return this.#branches.map((branch) => branch.value);
  }
}

test('random interleavings with kills give the result of the sequential run, and no finished call runs twice', () => {
  const call = fc.record({ site: fc.nat(2), salt: fc.nat(2) });
  const program = fc.array(fc.array(call, { maxLength: 5 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      program,
      fc.array(fc.nat(40), { maxLength: 6 }),
      fc.infiniteStream(fc.nat(1000)),
      (branches, kills, picks) => {
        const sequential = new Execution(branches, []);
        while (!sequential.done) sequential.move(0);
        const log: RecordedStep[] = [];
        let completed = 0;
        for (const movesUntilKill of [...kills, Number.POSITIVE_INFINITY]) {
          const execution = new Execution(branches, log);
          for (let move = 0; move < movesUntilKill && !execution.done; move += 1)
            execution.move(picks.next().value ?? 0);
          completed += execution.completed;
          if (movesUntilKill === Number.POSITIVE_INFINITY) assert.deepEqual(execution.results(), sequential.results());
        }
        assert.equal(completed, branches.flat().length);
      },
    ),
    { numRuns: 400 },
  );
});
