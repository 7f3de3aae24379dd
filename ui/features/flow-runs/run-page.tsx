/** One run: what it is, what happened inside it over time, and everything that was recorded about it. */
import { useQuery } from '@tanstack/react-query';

import { runHeadQuery } from '../../api/flow-runs.ts';
import { ApiError } from '../../api/http.ts';
import { isTerminal } from '../../api/states.ts';
import { Skeleton } from '../../components/notes.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { useTitle } from '../../components/title.ts';
import { lazyPage } from '../connection/lazy-page.tsx';
import { LogView } from '../logs/log-view.tsx';
import { NotLoaded } from '../places/not-loaded.tsx';
import { titleOf } from '../states/state-badge.tsx';
import { WhyPanel } from '../why/why-panel.tsx';
import { ActedAutomations } from './acted-automations.tsx';
import { useLiveRun } from './live-run.ts';
import { RunHeader } from './run-header.tsx';
import type { RunTab } from './run-tabs.ts';
import { insidePaceMs, RunTimeline, useInside } from './run-timeline.tsx';

import './run-page.css';

/** What is not seen at first comes when it is looked at. */
const ArtifactList = lazyPage(null, async () => (await import('../artifacts/artifact-list.tsx')).ArtifactList);
const Parameters = lazyPage(null, async () => (await import('./run-facts.tsx')).Parameters);
const RunDetails = lazyPage(null, async () => (await import('./run-facts.tsx')).RunDetails);
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
  useTitle(run === undefined ? (error === null ? 'Run' : 'No such run') : titleOf(run));
  const { inside, nodes, error: insideError } = useInside(run, id);
  useLiveRun(id, head?.as_of, insidePaceMs(inside));
  // What was shown is gone: somebody deleted it.
  const isGone = error instanceof ApiError && error.status === 404;
  if (error !== null && (run === undefined || isGone))
    return <NotLoaded noun="flow run" id={id} list="/runs" error={error} onRetry={() => void refetch()} />;
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
        <RunHeader run={run} parent={head.parent} description={head.flow_description} />
        <ActedAutomations automations={head.automations} />
        <WhyPanel kind="flow-run" runId={id} stateType={run.state_type} failure={run.state?.failure} />
        <RunTimeline run={run} inside={inside} nodes={nodes} error={insideError} task={task} />
        <Tabs<RunTab> label="Parts of the run" tabs={tabs} selected={tab} onSelect={onTab}>
          {tab === 'logs' && (
            <LogView
              key={id}
              of={{ flowRunId: id }}
              isActive={!isTerminal(run.state_type)}
              taskName={nameOf}
              onTask={onTask}
            />
          )}
          {tab === 'tasks' && <TaskRunTable flowRunId={id} />}
          {tab === 'artifacts' && <ArtifactList of={{ flowRunId: id }} />}
          {tab === 'parameters' && <Parameters run={run} />}
          {tab === 'result' && <ResultView data={run.state?.data} isDone={isTerminal(run.state_type)} />}
          {tab === 'states' && <StateHistory kind="flow-run" runId={id} />}
          {tab === 'details' && <RunDetails run={run} flowDescription={head.flow_description} />}
        </Tabs>
      </div>
      {task !== null && <TaskRunPanel id={task} onClose={() => onTask(null)} />}
    </div>
  );
}
