import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FlowRun } from '../flow-run.ts';
import type { StateId } from '../ids.ts';
import { isTerminal, STATE_TYPES, type ProposedState, type State } from '../state.ts';
import type { Instant } from '../time.ts';
import { applyToFlowRun } from './apply-flow-run.ts';
import { decide } from './decide.ts';
import { flowPolicy, minimalFlowPolicy, ownedFlowPolicy, resumePolicy } from './flow-policy.ts';
import { FLOW_FACTS, sampleFlowRun, T0 } from './fixtures/sample.ts';

const proposal: fc.Arbitrary<ProposedState> = fc.constantFrom(...STATE_TYPES).map((type): ProposedState => {
  if (type === 'SCHEDULED') return { type, scheduledTime: T0 };
  if (type === 'COMPLETED') return { type, data: null };
  return type === 'FAILED' ? { type, failure: null } : { type };
});
const step = fc.record({
  proposal,
  policy: fc.constantFrom(flowPolicy, ownedFlowPolicy, minimalFlowPolicy, resumePolicy),
  tick: fc.integer({ min: -3, max: 5 }),
});

/** Every state that a run enters under any mix of proposals, with the row after it. */
function history(
  steps: readonly { proposal: ProposedState; policy: typeof flowPolicy; tick: number }[],
  retries: number,
): { states: State[]; runs: FlowRun[] } {
  let run = sampleFlowRun(undefined, { policy: { ...FLOW_FACTS.policy, retries } });
  const states: State[] = [run.state];
  const runs: FlowRun[] = [run];
  let now: number = T0;
  for (const each of steps) {
    now += each.tick;
    const facts = { ...FLOW_FACTS, runCount: run.runCount, policy: run.policy };
    const decision = decide(
      each.policy,
      run.state,
      each.proposal,
      facts,
      now as Instant,
      `s${states.length}` as StateId,
    );
    if (
      decision.status === 'wait' ||
      decision.status === 'abort' ||
      (decision.status === 'reject' && !decision.written)
    )
      continue;
    run = applyToFlowRun(run, decision.state, decision.effects);
    states.push(run.state);
    runs.push(run);
  }
  return { states, runs };
}

test('times of states strictly increase, also when the clock goes back', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { states } = history(steps, 1);
      for (let i = 1; i < states.length; i += 1)
        assert.ok((states[i] as State).timestamp > (states[i - 1] as State).timestamp);
    }),
  );
});

test('run count and total run time never fall; the end is set exactly while the state is terminal; no end before the start', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { runs } = history(steps, 1);
      runs.forEach((run, index) => {
        const before = runs[index - 1];
        if (before) assert.ok(run.runCount >= before.runCount && run.totalRunTimeUs >= before.totalRunTimeUs);
        assert.equal(run.endTime !== null, isTerminal(run.state));
        if (run.endTime !== null) assert.ok(run.startTime !== null && run.endTime >= run.startTime);
        if (run.runCount > 0) assert.notEqual(run.startTime, null);
      });
    }),
  );
});

test('terminal is final for the process that holds the run', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { states } = history(
        steps.map((each) => ({ ...each, policy: ownedFlowPolicy })),
        1,
      );
      states.slice(0, -1).forEach((state) => assert.ok(!isTerminal(state)));
    }),
  );
});

test('an owner that starts, fails and starts again stops after the retries are spent, and the run ends', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8 }), (retries) => {
      const loop = Array.from({ length: 30 }, (_, index) => ({
        proposal: (index % 2 === 0 ? { type: 'RUNNING' } : { type: 'FAILED', failure: null }) as ProposedState,
        policy: ownedFlowPolicy,
        tick: 1,
      }));
      const { runs } = history(loop, retries);
      const last = runs.at(-1) as FlowRun;
      assert.equal(last.state.type, 'FAILED');
      assert.equal(last.runCount, retries + 1);
    }),
  );
});

test('from every active state some proposal of the owner leads to an end', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { runs } = history(steps, 1);
      const run = runs.at(-1) as FlowRun;
      if (isTerminal(run.state)) return;
      const end = decide(
        ownedFlowPolicy,
        run.state,
        { type: 'CANCELLED' },
        { ...FLOW_FACTS, policy: run.policy },
        T0,
        'end' as StateId,
      );
      assert.equal(end.status, 'accept');
    }),
  );
});

test('only a resume counts as a new attempt after a pause that goes on', () => {
  const paused = applyToFlowRun(sampleFlowRun(), {
    type: 'RUNNING',
    id: 'r' as StateId,
    name: 'Running',
    timestamp: T0,
    message: null,
    details: {},
  });
  const resumed = applyToFlowRun(
    paused,
    { ...paused.state, type: 'RUNNING', timestamp: (T0 + 1) as Instant },
    { policy: { resuming: true } },
  );
  assert.equal(resumed.runCount, 1);
  assert.equal(resumed.policy.resuming, false);
});
