/** One run: what it is, what happened inside it over time, and everything that was recorded about it. */
import { useQuery } from '@tanstack/react-query';

import { runHeadQuery, type FlowRun } from '../../api/flow-runs.ts';
import { printJson } from '../../api/lossless-json.ts';
import { isTerminal } from '../../api/states.ts';
import { JsonView } from '../../components/json-view.tsx';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { DateTime } from '../../components/times.tsx';
import { useTitle } from '../../components/title.ts';
import { lazyPage } from '../connection/lazy-page.tsx';
import { LogView } from '../logs/log-view.tsx';
import { WhyPanel } from '../why/why-panel.tsx';
import { useLiveRun } from './live-run.ts';
import { RunHeader } from './run-header.tsx';
import type { RunTab } from './run-tabs.ts';
import { RunTimeline, useRunNodes } from './run-timeline.tsx';

import './run-page.css';

/** What is not seen at first comes when it is looked at. */
const ArtifactList = lazyPage(null, async () => (await import('../artifacts/artifact-list.tsx')).ArtifactList);
const StateHistory = lazyPage(null, async () => (await import('../states/state-history.tsx')).StateHistory);
const ResultView = lazyPage(null, async () => (await import('../task-runs/task-run-detail.tsx')).ResultView);
const TaskRunPanel = lazyPage(null, async () => (await import('../task-runs/task-run-panel.tsx')).TaskRunPanel);
const TaskRunTable = lazyPage(null, async () => (await import('../task-runs/task-run-table.tsx')).TaskRunTable);

interface RunPageProps {
  readonly id: string;
  readonly tab: RunTab;
  readonly task: string | null;
  readonly onTab: (tab: RunTab) => void;
  readonly onTask: (task: string | null) => void;
}

export function RunPage({ id, tab, task, onTab, onTask }: RunPageProps) {
  const { data: head, error, refetch } = useQuery(runHeadQuery(id));
  const run = head?.run;
  useTitle(run?.name ?? 'Run');
  const { nodes, error: graphError } = useRunNodes(run, id);
  useLiveRun(id, head?.as_of, nodes?.length ?? 0);
  if (error !== null && run === undefined) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (head === undefined || run === undefined) return <Skeleton lines={8} label="Loading the run" />;
  const tabs = [
    { id: 'logs', label: 'Logs' },
    { id: 'tasks', label: 'Task runs', count: head.task_run_count },
    { id: 'artifacts', label: 'Artifacts', count: head.artifact_count },
    { id: 'parameters', label: 'Parameters', count: Object.keys(run.parameters).length },
    { id: 'result', label: 'Result' },
    { id: 'states', label: 'States' },
    { id: 'details', label: 'Details' },
  ] as const;
  const nameOf = (taskId: string): string | undefined => nodes?.find((node) => node.id === taskId)?.label;
  return (
    <div className="run-page" data-with-panel={task !== null}>
      <div className="run-main">
        <RunHeader run={run} parent={head.parent} />
        <WhyPanel kind="flow-run" runId={id} stateType={run.state_type} />
        <RunTimeline run={run} nodes={nodes} error={graphError} task={task} />
        <Tabs<RunTab> label="Parts of the run" tabs={tabs} selected={tab} onSelect={onTab}>
          {tab === 'logs' && <LogView key={id} of={{ flowRunId: id }} isActive={!isTerminal(run.state_type)} taskName={nameOf} onTask={onTask} />}
          {tab === 'tasks' && <TaskRunTable flowRunId={id} />}
          {tab === 'artifacts' && <ArtifactList of={{ flowRunId: id }} />}
          {tab === 'parameters' && <Parameters run={run} />}
          {tab === 'result' && <ResultView data={run.state?.data} isDone={isTerminal(run.state_type)} />}
          {tab === 'states' && <StateHistory kind="flow-run" runId={id} />}
          {tab === 'details' && <RunDetails run={run} />}
        </Tabs>
      </div>
      {task !== null && <TaskRunPanel id={task} onClose={() => onTask(null)} />}
    </div>
  );
}

function Parameters({ run }: { readonly run: FlowRun }) {
  if (Object.keys(run.parameters).length === 0) return <EmptyNote title="No parameter"><p className="muted">The flow was called without any.</p></EmptyNote>;
  return <JsonView text={printJson(run.parameters)} label="the parameters" />;
}

function RunDetails({ run }: { readonly run: FlowRun }) {
  const facts: readonly (readonly [name: string, value: React.ReactNode])[] = [
    ['Id', <code key="id">{run.id}</code>],
    ['Flow id', <code key="flow">{run.flow_id}</code>],
    ['Created', <DateTime key="created" at={run.created} />],
    ['Expected start', <DateTime key="expected" at={run.expected_start_time} />],
    ['Started', <DateTime key="started" at={run.start_time} />],
    ['Ended', <DateTime key="ended" at={run.end_time} />],
    ['Attempts', run.run_count],
    ['Retries', run.empirical_policy.retries ?? 0],
    ['Flow version', run.flow_version],
    ['Durability', run.durability],
    ['Work pool', run.work_pool_name],
    ['Work queue', run.work_queue_name],
    ['Process', run.infrastructure_pid],
    ['Idempotency key', run.idempotency_key],
    ['Tags', run.tags.length === 0 ? null : run.tags.join(', ')],
  ];
  return (
    <dl className="facts">
      {facts.filter(([, value]) => value !== null && value !== undefined).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}
