/** What is recorded about a task run besides its states: where it comes from, and what it was told to do. */
import { Link } from '@tanstack/react-router';

import type { TaskRun, TaskRunHead } from '../../api/task-runs.ts';
import { formatCount } from '../../components/format.ts';
import { DateTime } from '../../components/times.tsx';
import { TaskAttempts } from './task-attempts.tsx';
import { TaskInputs } from './task-inputs.tsx';

export function TaskFacts({ run, head }: { readonly run: TaskRun; readonly head: TaskRunHead }) {
  const { cache, empirical_policy: policy } = run;
  const retries = policy.retries ?? 0;
  const facts: readonly (readonly [name: string, value: React.ReactNode])[] = [
    ['Task', run.task_name ?? run.task_key],
    ['About', run.task_description],
    ['Version', run.task_version === null ? null : <code key="version">{run.task_version}</code>],
    ['Map index', run.map_index === null || run.map_index === undefined ? null : formatCount(run.map_index)],
    [
      'Map input',
      run.map_input === null || run.map_input === undefined ? null : (
        <code key="input" className="map-input">
          {run.map_input}
        </code>
      ),
    ],
    ['Started', <DateTime key="started" at={run.start_time} />],
    ['Ended', <DateTime key="ended" at={run.end_time} />],
    [
      'Attempts',
      <span key="attempts">
        {run.run_count}
        {retries > 0 && <span className="muted"> of at most {1 + retries}</span>}
      </span>,
    ],
    [
      'Timeout',
      policy.timeout_seconds === null || policy.timeout_seconds === undefined ? null : `${policy.timeout_seconds} s`,
    ],
    ['Isolation', run.isolation],
    ['Called at', run.call_site === undefined || run.call_site === '' ? null : <code key="site">{run.call_site}</code>],
    [
      'Cache',
      cache === null || cache === undefined ? null : (
        <span key="cache">
          {cache.outcome}
          <span className="muted"> – {cache.reason}</span>
        </span>
      ),
    ],
    ['Result from', <CachedFrom key="from" run={run} names={head.input_names} />],
    ['Cache key', run.cache_key === null ? null : <code key="key">{run.cache_key}</code>],
    [
      'Flow run',
      run.flow_run_id === null ? null : (
        <Link key="flow" to="/runs/flow-run/$id" params={{ id: run.flow_run_id }}>
          Open
        </Link>
      ),
    ],
    ['Id', <code key="id">{run.id}</code>],
  ];
  const isHit = cache?.outcome === 'hit' && cache.from_task_run_id !== null;
  return (
    <>
      <dl className="facts">
        {facts
          .filter(
            ([name, value]) =>
              value !== null && value !== undefined && value !== '' && (name !== 'Result from' || isHit),
          )
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      <TaskAttempts run={run} states={head.states ?? []} />
      <h2 className="section-title">Inputs</h2>
      <TaskInputs inputs={run.task_inputs} names={head.input_names} flowRunId={run.flow_run_id} />
    </>
  );
}

/** The run that computed a cached result: in whatever flow run that was. */
export function CachedFrom({
  run,
  names,
}: {
  readonly run: TaskRun;
  readonly names: Readonly<Record<string, string>>;
}) {
  const id = run.cache?.outcome === 'hit' ? run.cache.from_task_run_id : null;
  if (id === null || id === undefined) return null;
  return (
    <Link to="/runs/task-run/$id" params={{ id }}>
      {names[id] ?? `${id.slice(0, 8)}…`}
    </Link>
  );
}
