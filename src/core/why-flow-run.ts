import type { FlowRun } from './flow-run.ts';
import { CANCELLING_SECONDS_MAX } from './rules/cancelling.ts';
import { entryWord, runWord } from './shell-word.ts';
import { assertNever, type StateType } from './state.ts';
import type { TaskRun } from './task-run.ts';
import { secondsBetween } from './time.ts';
import type { Because, Explanation, FlowRunOnRecord } from './why.ts';
import {
  attempts,
  clause,
  failureOf,
  howToContinue,
  hadBadParameters,
  isUpstreamFailure,
  named,
  plural,
  retryFacts,
  rootFailure,
  showInstant,
  showSeconds,
  since,
} from './why-phrases.ts';
import { explainScheduled, lostFact, LOST_NEXT } from './why-scheduled.ts';

/** A busy server may be late by so much. */
const OVERDUE_SECONDS = 60;
/** Tasks that are named individually; the others are counted. */
const NAMED_TASKS_MAX = 5;

export function explainFlowRun(record: FlowRunOnRecord): Explanation {
  const { run } = record;
  const state = run.state;
  switch (state.type) {
    case 'SCHEDULED':
      return explainScheduled(record, state);
    case 'PENDING':
      return explainPending(record);
    case 'RUNNING':
      return explainRunning(record);
    case 'PAUSED':
      return explainPaused(record);
    case 'CANCELLING':
      return explainCancelling(record);
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

function retryCommand(record: FlowRunOnRecord): string {
  const how = howToContinue(record.run);
  return record.run.runner === 'ostinato'
    ? `${how}: tasks that finished do not run again.`
    : `${how[0]?.toUpperCase()}${how.slice(1)}.`;
}

function countFact({ taskCounts }: FlowRunOnRecord): Because[] {
  const parts = (Object.entries(taskCounts) as [StateType, number][])
    .filter(([, count]) => count > 0)
    .map(([type, count]) => `${count} ${type.toLowerCase()}`);
  return parts.length === 0 ? [] : [{ fact: `Task runs: ${parts.join(', ')}.`, when: null }];
}

/** All that is known about a run that no process of our engine holds. */
function unheldFacts({ run, holder, heardAt, now }: FlowRunOnRecord): Because[] {
  if (run.lease !== null || holder !== null) return [];
  if (heardAt !== null && heardAt !== undefined)
    return [
      {
        fact: `Another client runs it; its last heartbeat came ${since(heardAt, now)} ago.`,
        when: heardAt,
        moving: heardAt,
      },
    ];
  return [
    {
      fact: 'Another client runs it, and sends no heartbeats: whether its process is still there is not known here.',
      when: null,
    },
  ];
}

/** What to do about a run that no process here can end. */
function markHint({ run }: FlowRunOnRecord): string {
  return `If its process is gone, say so: \`ostinato flow-run mark ${runWord(run)} crashed\`.`;
}

function explainPending(record: FlowRunOnRecord): Explanation {
  const { run, holder, now } = record;
  const lost = lostFact(record);
  const beginsAt = run.state.type === 'PENDING' ? (run.state.scheduledTime ?? null) : null;
  const early = beginsAt !== null && beginsAt > now ? beginsAt : null;
  return {
    headline:
      early === null
        ? `Was created ${since(run.createdAt, now)} ago and has not started.`
        : `Is being prepared, and waits for its scheduled time, ${showInstant(early)} (in ${showSeconds(secondsBetween(now, early))}).`,
    moving: early ?? run.createdAt,
    because: [
      {
        fact:
          early === null
            ? run.state.name === 'Pending'
              ? 'The run was created.'
              : `The run is ${run.state.name}.`
            : 'A worker has taken it before its time.',
        when: run.state.timestamp,
      },
      ...(holder?.alive === true
        ? [{ fact: `Its process is alive: ${holder.evidence}`, when: holder.record?.heartbeatAt ?? null }]
        : lost),
      ...(run.lease === null ? [{ fact: 'No process has taken it.', when: null }] : []),
    ],
    next:
      lost.length > 0
        ? LOST_NEXT
        : run.lease === null
          ? 'It starts when a process takes it.'
          : early === null
            ? 'Its process is about to start it.'
            : `It begins at ${showInstant(early)}.`,
  };
}

function describeActive(tasks: readonly TaskRun[], record: FlowRunOnRecord): Because[] {
  return tasks
    .slice(0, NAMED_TASKS_MAX)
    .map((task) => ({
      fact:
        task.state.type === 'RUNNING'
          ? `Task "${task.name}" has been running for ${since(task.state.timestamp, record.now)}${task.runCount > 1 ? ` (attempt ${task.runCount})` : ''}.`
          : `Task "${task.name}" waits for attempt ${task.runCount + 1}${task.state.message === null ? '' : ` after ${clause(task.state.message)}`}.`,
      when: task.state.timestamp,
      about: named(task),
      ...(task.state.type === 'RUNNING' ? { moving: task.state.timestamp } : {}),
    }));
}

function explainRunning(record: FlowRunOnRecord): Explanation {
  const { run, now, activeTasks } = record;
  const lost = lostFact(record);
  if (lost.length > 0) {
    return {
      headline: 'Is recorded as running, but the process that ran it is gone.',
      because: [...lost, ...countFact(record)],
      next: LOST_NEXT,
    };
  }
  const active = Math.max(activeTasks.length, record.taskCounts.RUNNING ?? 0);
  const what =
    active === 0
      ? 'no task is running, its own code is'
      : active === 1
        ? `task "${activeTasks[0]?.name ?? '?'}" is running`
        : `${active} tasks are running`;
  return {
    headline: `Has been running for ${since(run.state.timestamp, now)}: ${what}.`,
    moving: run.state.timestamp,
    ...(active === 1 && activeTasks[0] !== undefined ? { about: named(activeTasks[0]) } : {}),
    because: [
      ...retryFacts(record.states),
      ...unheldFacts(record),
      ...describeActive(activeTasks, record),
      ...countFact(record),
    ],
    next:
      run.lease === null
        ? `It ends when its client says so. ${markHint(record)}`
        : run.policy.timeoutSeconds === null
          ? 'It ends when its work is done.'
          : `It is stopped after ${showSeconds(run.policy.timeoutSeconds)} of running at the latest.`,
  };
}

function explainPaused({ run, now }: FlowRunOnRecord): Explanation {
  const { pauseTimeout } = run.state.details;
  return {
    headline: `Has been ${run.state.name.toLowerCase()} for ${since(run.state.timestamp, now)}, waiting for somebody to resume it.`,
    moving: run.state.timestamp,
    because: [{ fact: run.state.message ?? 'The run asked to be paused.', when: run.state.timestamp }],
    next:
      pauseTimeout === undefined
        ? 'It goes on when it is resumed.'
        : `It fails at ${showInstant(pauseTimeout)} unless it is resumed before.`,
  };
}

function explainCancelling(record: FlowRunOnRecord): Explanation {
  const { run, now } = record;
  const lost = lostFact(record);
  return {
    headline:
      lost.length > 0
        ? 'Was asked to stop, and its process is gone.'
        : `Was asked to stop ${since(run.state.timestamp, now)} ago; ${run.lease === null ? 'nobody has confirmed it, and no process is known here that would' : 'its process has not confirmed it yet'}.`,
    ...(lost.length > 0 ? {} : { moving: run.state.timestamp }),
    because: [
      {
        fact: `Somebody asked to cancel it${run.state.message === null ? '' : `: ${clause(run.state.message)}`}.`,
        when: run.state.timestamp,
      },
      ...lost,
      ...unheldFacts(record),
      ...describeActive(record.activeTasks, record),
    ],
    next:
      lost.length > 0
        ? 'It is marked Cancelled by the next process that looks after lost runs.'
        : run.lease === null
          ? `Its runner or worker may stop it. Else the server marks it Cancelled ${showSeconds(CANCELLING_SECONDS_MAX)} after it was asked; at once: \`ostinato flow-run cancel ${runWord(run)} --force\`.`
          : 'Its process stops the work, runs its hooks and marks it Cancelled.',
  };
}

function explainCancelled(record: FlowRunOnRecord): Explanation {
  const { run, states } = record;
  const asked = states.findLast((state) => state.type === 'CANCELLING');
  const message = failureOf(run.state);
  return {
    headline: `Was cancelled${message === null ? '' : `: ${clause(message)}`}.`,
    because: [
      ...(asked === undefined
        ? []
        : [
            {
              fact: `Somebody asked to cancel it${asked.message === null ? '' : `: ${clause(asked.message)}`}.`,
              when: asked.timestamp,
            },
          ]),
      {
        fact:
          run.runCount === 0
            ? 'It had not started.'
            : `It had been running for ${showSeconds(run.totalRunTimeUs / 1e6)}.`,
        when: run.state.timestamp,
      },
      ...countFact(record),
    ],
    next: retryCommand(record),
  };
}

function explainCompleted(record: FlowRunOnRecord): Explanation {
  const { run } = record;
  const tasks = Object.values(record.taskCounts).reduce((sum, count) => sum + count, 0);
  const failed = (record.taskCounts.FAILED ?? 0) + (record.taskCounts.CRASHED ?? 0);
  return {
    headline: `${run.state.name === 'Completed' ? 'Completed' : `Completed as "${run.state.name}"`} in ${showSeconds(run.totalRunTimeUs / 1e6)}${tasks === 0 ? '' : ` with ${plural(tasks, 'task run')}`}${run.runCount > 1 ? `, at attempt ${run.runCount}` : ''}.`,
    because: [
      ...retryFacts(record.states),
      ...(failed > 0
        ? [
            {
              fact: `${plural(failed, 'task run')} failed, and the flow's own return value says that it completed all the same.`,
              when: null,
            },
          ]
        : []),
      { fact: run.state.message ?? 'The flow returned.', when: run.state.timestamp },
      ...countFact(record),
    ],
    next: 'Nothing: it is done.',
  };
}

function explainFailed(record: FlowRunOnRecord): Explanation {
  const { run, failedTasks } = record;
  const own = failureOf(run.state);
  const root = rootFailure(failedTasks);
  const timedOut = run.state.name === 'TimedOut';
  const because = [...retryFacts(record.states)];
  if (root !== null) {
    because.push({
      fact: `Task "${root.name}" ${root.state.type.toLowerCase()} after ${attempts(root)}: ${clause(failureOf(root.state) ?? 'no message')}.`,
      when: root.state.timestamp,
      about: named(root),
    });
    const blocked = failedTasks.filter((task) => task.id !== root.id && isUpstreamFailure(task)).length;
    if (blocked > 0)
      because.push({
        fact: `${plural(blocked, 'task run')} could not start because of a failed upstream task.`,
        when: null,
      });
  }
  if (own !== null) because.push({ fact: `The run ended with ${clause(own)}.`, when: run.state.timestamp });
  if (run.policy.retries !== null && run.policy.retries > 0)
    because.push({
      fact: `It ran ${plural(run.runCount, 'time')}; its policy allows ${plural(run.policy.retries, 'retry', 'retries')}.`,
      when: null,
    });
  because.push(...countFact(record));
  const headline = timedOut
    ? `Failed because it took longer than its timeout of ${showSeconds(run.policy.timeoutSeconds ?? 0)}.`
    : root !== null
      ? `Failed because task "${root.name}" ${root.state.type.toLowerCase()}: ${clause(failureOf(root.state) ?? 'no message')}.`
      : `Failed: ${clause(own ?? 'no reason was recorded')}.`;
  return {
    headline,
    ...(root === null || timedOut ? {} : { about: named(root) }),
    because,
    next: hadBadParameters(run) ? badParametersNext(run) : retryCommand(record),
  };
}

/** What to do after a run had bad parameters: a retry would use the same ones. */
function badParametersNext({ entrypoint, runner }: FlowRun): string {
  if (runner !== 'ostinato') return 'Run its flow again with other parameters.';
  return `Run the flow again with other parameters: \`ostinato run ${entrypoint?.file ? entryWord(entrypoint) : 'FILE'} -p NAME=VALUE\`.`;
}

/** The steps that ended when the run was lost. */
function describeLost({ run, failedTasks }: FlowRunOnRecord): Because[] {
  const lost = failedTasks.filter(
    (task) => task.state.type === 'CRASHED' && task.flowRunRunCount === run.runCount && task.startTime !== null,
  );
  const facts: Because[] = lost
    .slice(0, NAMED_TASKS_MAX)
    .map((task) => ({
      fact: `Task "${task.name}" was running${task.runCount > 1 ? ` (attempt ${task.runCount})` : ''}, since ${showInstant(task.startTime ?? task.createdAt)}.`,
      when: task.startTime,
    }));
  return lost.length > facts.length
    ? [...facts, { fact: `${lost.length - facts.length} more were running.`, when: null }]
    : facts;
}

function explainCrashed(record: FlowRunOnRecord): Explanation {
  const { run } = record;
  const evidence = run.state.type === 'CRASHED' ? run.state.evidence : undefined;
  const message = evidence ?? failureOf(run.state) ?? 'No evidence was recorded.';
  return {
    headline: `Crashed: ${clause(message)}.`,
    because: [
      ...retryFacts(record.states),
      ...describeLost(record),
      {
        fact: `It had been running for ${showSeconds(run.totalRunTimeUs / 1e6)} in ${attempts(run)}.`,
        when: run.state.timestamp,
      },
      ...countFact(record),
    ],
    ...afterCrashNext(record),
  };
}

function afterCrashNext(record: FlowRunOnRecord): Pick<Explanation, 'next' | 'goesOn'> {
  const { run, goesOn = null, begunAnew = null, now } = record;
  if (begunAnew !== null) return { next: `Flow run "${begunAnew.name}" was begun for it, as its deployment says.` };
  if (goesOn === null)
    return {
      next:
        run.policy.resume === 'automatic'
          ? 'The next process that starts this flow continues it: tasks that finished do not run again.'
          : retryCommand(record),
    };
  const { how, attempt, attemptsMax, by } = goesOn;
  const what =
    how === 'resume'
      ? `It goes on by itself, as its deployment says (\`on_crash: resume\`): attempt ${attempt} of ${attemptsMax}`
      : `Another run is begun for it, as its deployment says (\`on_crash: retry\`): attempt ${attempt} of ${attemptsMax}`;
  return {
    next:
      secondsBetween(by, now) <= OVERDUE_SECONDS
        ? `${what} is due by ${showInstant(by)}.`
        : `${what} was due by ${showInstant(by)}, and begins when its server runs again.`,
    goesOn,
  };
}
