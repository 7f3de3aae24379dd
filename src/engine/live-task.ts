/** A task run while this process moves it: decides each transition with the shared rules and hands the record on. */

import type { LiveRecord } from '../client/recorder.ts';
import { applyToTaskRun, openTaskRun, type NewTaskRun } from '../core/rules/apply-task-run.ts';
import { decide } from '../core/rules/decide.ts';
import type { Decision } from '../core/rules/decision.ts';
import type { TaskRunFacts } from '../core/rules/facts.ts';
import type { Policy } from '../core/rules/policy.ts';
import { minimalTaskPolicy, ownedTaskPolicy } from '../core/rules/task-policy.ts';
import type { StateId } from '../core/ids.ts';
import { isTerminal, stampState, type ProposedState, type State } from '../core/state.ts';
import type { RecordedStep, TaskRun } from '../core/task-run.ts';
import type { EnginePorts } from './ports.ts';

const PENDING: ProposedState = Object.freeze({ type: 'PENDING' });

export class LiveTask {
  readonly ports: EnginePorts;
  readonly record: LiveRecord;
  readonly #flowAttempt: number;

  /** Opens the record in PENDING. A step recorded by an earlier attempt keeps its id and gets all its retries again. */
  constructor(ports: EnginePorts, fresh: NewTaskRun, recorded: RecordedStep | undefined, as?: TaskRun) {
    this.ports = ports;
    this.#flowAttempt = fresh.flowRunRunCount;
    if (as) {
      this.record = { run: as, states: [], queued: false };
      return;
    }
    const now = ports.clock.now();
    if (recorded) {
      const earlier: TaskRun = {
        ...fresh,
        state: recorded.state,
        runCount: isTerminal(recorded.state) ? 0 : recorded.runCount,
        flowRunRunCount: Math.max(0, fresh.flowRunRunCount - 1),
        startTime: null,
        endTime: null,
        totalRunTimeUs: 0,
      };
      this.record = { run: earlier, states: [], queued: false };
      this.enter(PENDING, null, true);
    } else {
      const state = stampState(PENDING, ports.ids.next<StateId>(), now);
      this.record = { run: openTaskRun(fresh, state), states: [state], queued: false };
      this.#announce(state);
    }
  }

  /** A recorded run, as a base for what is decided about it afterwards. */
  static of(ports: EnginePorts, run: TaskRun): LiveTask {
    return new LiveTask(ports, run, undefined, run);
  }

  get run(): TaskRun {
    return this.record.run;
  }

  /** Proposes a state; the decision is in `record` when this returns. `force` skips the rules (rollback). */
  enter(proposed: ProposedState, retryDelaySeconds: number | null = null, force = false): Decision {
    const { run } = this.record;
    const facts: TaskRunFacts = {
      runCount: run.runCount,
      policy: run.policy,
      flowRunAttempt: this.#flowAttempt,
      flowRunRunCount: run.flowRunRunCount,
      // The engine looks for both before it decides.
      cached: null,
      tagSlots: null,
      retryDelaySeconds,
      draw: run.policy.retryJitterFactor > 0 ? this.ports.random() : undefined,
    };
    const { clock, ids } = this.ports;
    const policy: Policy<TaskRunFacts> = force ? minimalTaskPolicy : ownedTaskPolicy;
    const decision = decide(policy, run.state, proposed, facts, clock.now(), ids.next<StateId>());
    if (decision.status === 'accept' || (decision.status === 'reject' && decision.written)) {
      this.record.run = applyToTaskRun(run, decision.state, decision.effects, this.#flowAttempt);
      this.record.states.push(decision.state);
      this.#announce(decision.state);
    }
    return decision;
  }

  /** Changes columns of the row that are not part of the state. */
  amend(change: Partial<Pick<TaskRun, 'cache' | 'name' | 'isolation' | 'participation'>>): void {
    this.record.run = { ...this.record.run, ...change };
  }

  #announce(state: State): void {
    for (const observer of this.ports.observers) observer.taskRunChanged?.(this.record.run, state);
  }
}
