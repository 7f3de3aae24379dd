/**
 * Task runs as Prefect's server hears of them: one event for each state. Source: Prefect 3,
 * `server/services/task_run_recorder.py`.
 *
 * The id of an event is the id of its state, so that an event that is sent twice counts once.
 */

import { formatInstant } from '../../../core/time.ts';
import { isTerminal, type State } from '../../../core/state.ts';
import type { StateId } from '../../../core/ids.ts';
import type { TaskInput, TaskRun, TaskRunRecord } from '../../../core/task-run.ts';
import { taskRunLabels } from './marks.ts';
import { stateInEvent } from './state.ts';

/** The flow run with the server's id. */
export interface KnownFlowRun {
  readonly remoteId: string;
  readonly name: string;
  readonly flowId: string;
  readonly flowName: string;
}

export interface EventSurroundings {
  readonly flowRun: KnownFlowRun | null;
  /** The newest state that was sent before; `null` when none was. */
  readonly before: State | null;
  /** Input edges with the server's ids; several for a whole fan-out. */
  readonly inputs: (edge: TaskInput) => readonly object[];
}

export function taskRunEvents(
  { run, states }: TaskRunRecord,
  { flowRun, before, inputs }: EventSurroundings,
): readonly object[] {
  let previous = before;
  return states.map((state, index) => {
    const later = states.slice(index + 1);
    // The record holds the final counters: those of an earlier state exclude what later states added.
    const runCount = run.runCount - later.filter(({ type }) => type === 'RUNNING').length;
    const event = eventOf(run, state, previous, runCount, flowRun, inputs);
    previous = state;
    return event;
  });
}

function eventOf(
  run: TaskRun,
  state: State,
  before: State | null,
  runCount: number,
  flowRun: KnownFlowRun | null,
  inputs: EventSurroundings['inputs'],
): object {
  const occurred = formatInstant(state.timestamp);
  return {
    id: state.id,
    occurred,
    event: `prefect.task-run.${state.name}`,
    resource: {
      'prefect.resource.id': `prefect.task-run.${run.id}`,
      'prefect.resource.name': run.name,
      'prefect.run-count': String(runCount),
      'prefect.state-message': (state.message ?? '').slice(0, MESSAGE_CHARS_MAX),
      'prefect.state-name': state.name,
      'prefect.state-timestamp': occurred,
      'prefect.state-type': state.type,
      'prefect.orchestration': 'client',
    },
    related: relatedTo(run, flowRun),
    payload: {
      intended: { from: before?.type ?? null, to: state.type },
      initial_state: before === null ? null : stateInEvent(before),
      validated_state: stateInEvent(state),
      task_run: { ...taskRunFields(run, inputs), ...timesAt(run, state), run_count: runCount },
    },
    follows: followed(before),
  };
}

/** Characters; labels of a resource are meant to be short. */
const MESSAGE_CHARS_MAX = 1000;

function followed(before: State | null): StateId | null {
  return before?.id ?? null;
}

function relatedTo(run: TaskRun, flowRun: KnownFlowRun | null): object[] {
  const tags = run.tags.map((tag) => ({ 'prefect.resource.id': `prefect.tag.${tag}`, 'prefect.resource.role': 'tag' }));
  if (flowRun === null) return tags;
  return [
    ...tags,
    {
      'prefect.resource.id': `prefect.flow-run.${flowRun.remoteId}`,
      'prefect.resource.role': 'flow-run',
      'prefect.resource.name': flowRun.name,
    },
    {
      'prefect.resource.id': `prefect.flow.${flowRun.flowId}`,
      'prefect.resource.role': 'flow',
      'prefect.resource.name': flowRun.flowName,
    },
  ];
}

/** Most delays that Prefect accepts in a list. */
const DELAYS_MAX = 50;

/**
 * Fields that are the same in every state. Also used for the placeholder of a subflow, which is created by a request.
 */
export function taskRunFields(run: TaskRun, inputs: EventSurroundings['inputs']): object {
  const { policy, cache } = run;
  const [delay, ...more] = policy.retryDelaySeconds;
  const edges = Object.entries(run.inputs).map(
    ([name, given]) => [name === 'waitFor' ? 'wait_for' : name, given.flatMap(inputs)] as const,
  );
  const parent =
    run.parentTaskRunId === null
      ? []
      : [['__parents__', [{ input_type: 'task_run', id: run.parentTaskRunId }]] as const];
  return {
    name: run.name,
    task_key: run.taskKey,
    dynamic_key: run.dynamicKey,
    ...(run.about?.version === undefined && run.sourceHash === ''
      ? {}
      : { task_version: run.about?.version ?? run.sourceHash }),
    ...(cache?.key === undefined || cache.key === null ? {} : { cache_key: cache.key }),
    empirical_policy: {
      retries: policy.retries,
      retry_delay: more.length > 0 ? policy.retryDelaySeconds.slice(0, DELAYS_MAX) : (delay ?? 0),
      retry_jitter_factor: policy.retryJitterFactor,
    },
    tags: run.tags,
    labels: taskRunLabels(run),
    task_inputs: Object.fromEntries([...edges, ...parent]),
  };
}

function timesAt(run: TaskRun, state: State): object {
  const isNewest = state.id === run.state.id;
  const start =
    run.startTime !== null && run.startTime <= state.timestamp ? { start_time: formatInstant(run.startTime) } : {};
  const end = isNewest && isTerminal(state) && run.endTime !== null ? { end_time: formatInstant(run.endTime) } : {};
  return {
    flow_run_run_count: run.flowRunRunCount,
    expected_start_time: formatInstant(run.createdAt),
    total_run_time: isNewest ? run.totalRunTimeUs / 1_000_000 : 0,
    ...start,
    ...end,
  };
}
