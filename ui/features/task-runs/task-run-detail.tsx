/** A task run: the same on its own page and beside its flow run. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { useEvents } from '../../api/events.ts';
import { printJson } from '../../api/lossless-json.ts';
import { isTerminal } from '../../api/states.ts';
import { taskRunHeadQuery, type TaskRun } from '../../api/task-runs.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { JsonView } from '../../components/json-view.tsx';
import { ErrorNote, Skeleton } from '../../components/notes.tsx';
import { Tabs, type Tab } from '../../components/tabs.tsx';
import { useThrottled } from '../../components/throttle.ts';
import { DateTime, Duration } from '../../components/times.tsx';
import { ArtifactList } from '../artifacts/artifact-list.tsx';
import { Tags } from '../flow-runs/run-row.tsx';
import { LogView } from '../logs/log-view.tsx';
import { badgeOf, runningSince } from '../states/state-badge.tsx';
import { StateHistory } from '../states/state-history.tsx';
import { WhyPanel } from '../why/why-panel.tsx';
import { TaskInputs } from './task-inputs.tsx';

type TabId = 'details' | 'logs' | 'states' | 'artifacts' | 'result';
const TABS: readonly Tab<TabId>[] = [
  { id: 'details', label: 'Details' }, { id: 'logs', label: 'Logs' }, { id: 'states', label: 'States' },
  { id: 'artifacts', label: 'Artifacts' }, { id: 'result', label: 'Result' },
];
const REFRESH_MS = 500;

interface TaskRunDetailProps {
  readonly id: string;
  /** `h1` on its own page, `h2` beside a flow run. */
  readonly heading: 'h1' | 'h2';
}

export function TaskRunDetail({ id, heading: Heading }: TaskRunDetailProps) {
  const [tab, setTab] = useState<TabId>('details');
  const { data: head, error, refetch } = useQuery(taskRunHeadQuery(id));
  const run = head?.run;
  useLiveTaskRun(id, head?.as_of, run !== undefined && !isTerminal(run.state_type));
  if (error !== null && run === undefined) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (head === undefined || run === undefined) return <Skeleton lines={6} label="Loading task run" />;
  return (
    <article className="task-run" aria-label={`Task run ${run.name}`}>
      <header className="run-head">
        <p className="crumbs muted">Task run</p>
        <Heading>{run.name} <CopyButton text={run.id} label="Copy the id" /></Heading>
        <div className="run-facts">
          {badgeOf(run)}
          <span>{run.start_time === null ? 'Not started' : <Duration seconds={run.total_run_time} since={runningSince(run)} />}</span>
          <Tags tags={run.tags} />
        </div>
      </header>
      <WhyPanel kind="task-run" runId={id} stateType={run.state_type} />
      <Tabs label="Parts of the task run" tabs={TABS} selected={tab} onSelect={setTab}>
        {tab === 'details' && <Details run={run} inputNames={head.input_names} />}
        {tab === 'logs' && <LogView of={{ taskRunId: id }} isActive={!isTerminal(run.state_type)} />}
        {tab === 'states' && <StateHistory kind="task-run" runId={id} />}
        {tab === 'artifacts' && <ArtifactList of={{ taskRunId: id }} />}
        {tab === 'result' && <ResultView data={run.state?.data} isDone={isTerminal(run.state_type)} />}
      </Tabs>
    </article>
  );
}

function useLiveTaskRun(id: string, asOf: string | undefined, isActive: boolean): void {
  const client = useQueryClient();
  const refresh = useThrottled(() => {
    // With the run comes why it is so.
    for (const key of ['task-runs', 'states', 'artifacts']) {
      void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === key && JSON.stringify(queryKey).includes(id) });
    }
  }, REFRESH_MS);
  useEvents(asOf, isActive ? { any_resource: { id: [`prefect.task-run.${id}`] } } : null, refresh, refresh);
}

function Details({ run, inputNames }: { readonly run: TaskRun; readonly inputNames: Readonly<Record<string, string>> }) {
  const { cache, empirical_policy: policy } = run;
  return (
    <>
      <dl className="facts">
        <div><dt>Task</dt><dd>{run.task_name ?? run.task_key}</dd></div>
        <div><dt>Started</dt><dd><DateTime at={run.start_time} /></dd></div>
        <div><dt>Ended</dt><dd><DateTime at={run.end_time} /></dd></div>
        <div><dt>Attempts</dt><dd>{run.run_count}{(policy.retries ?? 0) > 0 && <span className="muted"> of at most {1 + (policy.retries ?? 0)}</span>}</dd></div>
        {policy.timeout_seconds !== null && policy.timeout_seconds !== undefined && <div><dt>Timeout</dt><dd>{policy.timeout_seconds} s</dd></div>}
        {run.isolation !== undefined && <div><dt>Isolation</dt><dd>{run.isolation}</dd></div>}
        {run.call_site !== undefined && run.call_site !== '' && <div><dt>Called at</dt><dd><code>{run.call_site}</code></dd></div>}
        {cache !== null && cache !== undefined && <div><dt>Cache</dt><dd>{cache.outcome}<span className="muted"> – {cache.reason}</span></dd></div>}
        {run.cache_key !== null && <div><dt>Cache key</dt><dd><code>{run.cache_key}</code></dd></div>}
        {run.flow_run_id !== null && <div><dt>Flow run</dt><dd><Link to="/runs/flow-run/$id" params={{ id: run.flow_run_id }}>Open</Link></dd></div>}
        <div><dt>Id</dt><dd><code>{run.id}</code></dd></div>
      </dl>
      <h2 className="section-title">Inputs</h2>
      <TaskInputs inputs={run.task_inputs} names={inputNames} flowRunId={run.flow_run_id} />
    </>
  );
}

/** What the last state says about the value that the run returned. */
export function ResultView({ data, isDone }: { readonly data: unknown; readonly isDone: boolean }) {
  if (data === null || data === undefined) return <p className="muted">{isDone ? 'No result was kept.' : 'The run has not ended yet.'}</p>;
  const { type, value } = data as { readonly type?: string; readonly value?: unknown };
  const says = { inline: 'The value is kept with the run.', reference: 'The value is kept in the result store; this says where.', unpersisted: 'The value was not kept.' }[type ?? ''] ?? 'What the client recorded about the value.';
  return (
    <>
      <p className="muted">{says}</p>
      <JsonView text={printJson(type === 'inline' ? value : data)} label="the result" />
    </>
  );
}
