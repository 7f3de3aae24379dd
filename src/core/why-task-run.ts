import { COMMIT_INCOMPLETE, ROLLBACK_INCOMPLETE, ROLLED_BACK } from './participation.ts';
import { assertNever, isTerminal } from './state.ts';
import { isBranch } from './step-identity.ts';
import { secondsBetween } from './time.ts';
import type { Because, Explanation, TaskRunOnRecord } from './why.ts';
import {
  attempts,
  clause,
  failureOf,
  howToContinue,
  isUpstreamFailure,
  named,
  plural,
  retryFacts,
  rootFailure,
  showInstant,
  showSeconds,
  since,
} from './why-phrases.ts';

export function explainTaskRun(record: TaskRunOnRecord): Explanation {
  const { state } = record.run;
  switch (state.type) {
    case 'SCHEDULED':
    case 'PENDING':
    case 'PAUSED':
      return explainWaiting(record);
    case 'RUNNING':
      return explainRunning(record);
    case 'CANCELLING':
    case 'CANCELLED':
      return explainCancelled(record);
    case 'COMPLETED':
      return explainCompleted(record);
    case 'FAILED':
      return explainFailed(record);
    case 'CRASHED':
      return explainCrashed(record);
    default:
      return assertNever(state, 'state');
  }
}

/** Every task run with a cache policy has a record of why it hit or missed. */
function cacheFact({ run }: TaskRunOnRecord): Because[] {
  if (run.cache === null || run.cache.outcome === 'disabled') return [];
  const what = {
    hit: 'The cache had its result',
    miss: 'The cache did not have its result',
    refresh: 'The cache was passed over',
  }[run.cache.outcome];
  return [{ fact: `${what}: ${clause(run.cache.reason)}.`, when: null }];
}

function explainWaiting(record: TaskRunOnRecord): Explanation {
  const { run, upstream, flowRun, now } = record;
  const { state } = run;
  if (flowRun !== null && isTerminal(flowRun.state)) {
    return {
      headline: `Never ended: its flow run is already ${flowRun.state.name}.`,
      because: [{ fact: `Flow run "${flowRun.name}" became ${flowRun.state.name}.`, when: flowRun.state.timestamp }],
      next: `It can run when the flow run is continued: ${howToContinue(flowRun)}.`,
    };
  }
  if (state.type === 'SCHEDULED' && state.name === 'AwaitingRetry') {
    const wait = secondsBetween(now, state.scheduledTime);
    return {
      headline: `Waits${wait > 0 ? ` ${showSeconds(wait)}` : ''} for attempt ${run.runCount + 1} of ${Math.max(run.policy.retries, run.runCount) + 1}${state.message === null ? '' : ` after ${clause(state.message)}`}.`,
      ...(wait > 0 ? { moving: state.scheduledTime } : {}),
      because: retryFacts(record.states),
      next: `The next attempt starts at ${showInstant(state.scheduledTime)}.`,
    };
  }
  const unfinished = upstream.filter((other) => !isTerminal(other.state));
  if (unfinished.length > 0) {
    return {
      headline: `Waits for ${unfinished.length === 1 ? `task "${unfinished[0]?.name}"` : `${unfinished.length} tasks`}, whose result it needs.`,
      ...(unfinished.length === 1 && unfinished[0] !== undefined ? { about: named(unfinished[0]) } : {}),
      because: unfinished
        .slice(0, 5)
        .map((other) => ({
          fact: `Task "${other.name}" is ${other.state.name}.`,
          when: other.state.timestamp,
          about: named(other),
        })),
      next: 'It starts when they have ended.',
    };
  }
  return {
    headline: `Has been ${state.name} for ${since(state.timestamp, now)}, waiting for its turn.`,
    moving: state.timestamp,
    because: [
      {
        fact: state.message ?? 'What it needs is there; every slot of its task runner or limit is taken.',
        when: state.timestamp,
      },
      ...cacheFact(record),
    ],
    next: 'It starts when a slot is free.',
  };
}

function explainRunning(record: TaskRunOnRecord): Explanation {
  const { run, now } = record;
  return {
    headline: `Has been running for ${since(run.state.timestamp, now)}${run.runCount > 1 ? ` (attempt ${run.runCount})` : ''}.`,
    moving: run.state.timestamp,
    because: [...retryFacts(record.states), ...cacheFact(record)],
    next:
      run.policy.timeoutSeconds === null
        ? 'It ends when its work is done.'
        : `It is stopped after ${showSeconds(run.policy.timeoutSeconds)} (by ${run.isolation === 'signal' ? 'its abort signal' : `ending its ${run.isolation}`}).`,
  };
}

function explainCancelled(record: TaskRunOnRecord): Explanation {
  const { run, flowRun } = record;
  const message = failureOf(run.state);
  return {
    headline: `Was ${run.state.type === 'CANCELLING' ? 'asked to stop' : 'cancelled'}${message === null ? '' : `: ${clause(message)}`}.`,
    because:
      flowRun === null
        ? []
        : [{ fact: `Flow run "${flowRun.name}" is ${flowRun.state.name}.`, when: flowRun.state.timestamp }],
    next: flowRun === null ? 'Nothing.' : `It runs again when the flow run is continued: ${howToContinue(flowRun)}.`,
  };
}

function explainCompleted(record: TaskRunOnRecord): Explanation {
  const { run, upstream } = record;
  if (run.state.name === ROLLED_BACK) {
    return {
      headline: 'Was done, and rolled back because its transaction failed.',
      because: [{ fact: run.state.message ?? 'The transaction rolled back.', when: run.state.timestamp }],
      next: 'It runs again in a new attempt.',
    };
  }
  if (run.state.name === COMMIT_INCOMPLETE) {
    return {
      headline: 'Was done, and its transaction was committed, but its commit hook has not run.',
      because: [{ fact: run.state.message ?? 'Nobody has the hook.', when: run.state.timestamp }],
      next: 'The hook runs in an attempt of the flow run that calls the task again.',
    };
  }
  if (run.cache?.outcome === 'hit') {
    const from = run.cache.from === undefined ? '' : ` computed by task run ${run.cache.from}`;
    return {
      headline: `Did not run: the cache had its result${from}.`,
      because: cacheFact(record),
      next:
        run.cache.expiresAt === undefined
          ? 'The cached result does not expire.'
          : `The cached result expires at ${showInstant(run.cache.expiresAt)}.`,
    };
  }
  if (isBranch(run.step) && run.state.message !== null) {
    return {
      headline: run.state.message,
      because: upstream
        .filter((other) => other.state.type !== 'COMPLETED')
        .map((other) => ({
          fact: `Task "${other.name}" ended with ${clause(failureOf(other.state) ?? other.state.name)}.`,
          when: other.state.timestamp,
          about: named(other),
        })),
      next: 'Nothing: the flow went on from here. A continued run takes the same way again.',
    };
  }
  return {
    headline: `Completed in ${showSeconds(run.totalRunTimeUs / 1e6)}${run.runCount > 1 ? `, at attempt ${run.runCount}` : ''}.`,
    because: [
      ...cacheFact(record),
      ...retryFacts(record.states),
      { fact: run.state.message ?? 'The task returned.', when: run.state.timestamp },
    ],
    next: 'Nothing: it is done.',
  };
}

function explainFailed(record: TaskRunOnRecord): Explanation {
  const { run, upstream } = record;
  const failure = failureOf(run.state) ?? 'no reason was recorded';
  if (run.state.name === ROLLBACK_INCOMPLETE) {
    return {
      headline: 'Was done, and its transaction was rolled back, but what it did was not taken back.',
      because: [{ fact: `${clause(failure)}.`, when: run.state.timestamp }],
      next: 'Take back by hand what it did, or continue the flow run, so that its flow calls the task again.',
    };
  }
  if (isUpstreamFailure(run)) {
    const root = rootFailure(upstream.filter((other) => isTerminal(other.state) && other.state.type !== 'COMPLETED'));
    return {
      headline:
        root === null
          ? `Did not run: ${clause(failure)}.`
          : `Did not run because task "${root.name}" ${root.state.type.toLowerCase()}.`,
      ...(root === null ? {} : { about: named(root) }),
      because:
        root === null
          ? []
          : [
              {
                fact: `Task "${root.name}" ended with ${clause(failureOf(root.state) ?? root.state.name)}.`,
                when: root.state.timestamp,
                about: named(root),
              },
            ],
      next:
        root === null ? 'Look at the task it depends on.' : `\`ostinato why ${root.id}\` says more about that task.`,
    };
  }
  return {
    headline:
      run.state.name === 'TimedOut'
        ? `Failed because it took longer than its timeout of ${showSeconds(run.policy.timeoutSeconds ?? 0)}.`
        : `Failed after ${attempts(run)}: ${clause(failure)}.`,
    because: [
      ...cacheFact(record),
      ...retryFacts(record.states),
      { fact: `The last attempt ended with ${clause(failure)}.`, when: run.state.timestamp },
      whyNotRetried(record),
    ],
    next:
      record.flowRun === null
        ? 'Call the task again.'
        : `It runs again with its flow run: ${howToContinue(record.flowRun)}.`,
  };
}

function whyNotRetried({ run }: TaskRunOnRecord): Because {
  const { retries } = run.policy;
  const fact =
    retries === 0
      ? 'No retries are set for this task.'
      : run.runCount > retries
        ? `All of its ${plural(retries, 'retry', 'retries')} were used.`
        : 'It was not tried again: the error was marked as one that trying again cannot help.';
  return { fact, when: null };
}

function explainCrashed({ run, states, flowRun }: TaskRunOnRecord): Explanation {
  const evidence = run.state.type === 'CRASHED' ? run.state.evidence : undefined;
  return {
    headline: `Crashed: ${clause(evidence ?? failureOf(run.state) ?? 'no evidence was recorded')}.`,
    because: [
      ...retryFacts(states),
      {
        fact: `It had been running for ${showSeconds(run.totalRunTimeUs / 1e6)} in ${attempts(run)}.`,
        when: run.state.timestamp,
      },
    ],
    next: flowRun === null ? 'Call the task again.' : `It runs again with its flow run: ${howToContinue(flowRun)}.`,
  };
}
