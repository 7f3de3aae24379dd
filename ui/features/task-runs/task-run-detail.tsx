/** A task run: the same on its own page and beside its flow run. */
import { useQuery, useQueryClient } from '@tanstack/react-query';

import { useEvents } from '../../api/events.ts';
import { printJson } from '../../api/lossless-json.ts';
import { isTerminal } from '../../api/states.ts';
import { taskRunHeadQuery } from '../../api/task-runs.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { formatCount } from '../../components/format.ts';
import { JsonView } from '../../components/json-view.tsx';
import { Skeleton } from '../../components/notes.tsx';
import { useSearchValues } from '../places/search-state.ts';
import { Tabs, type Tab } from '../../components/tabs.tsx';
import { useThrottled } from '../../components/throttle.ts';
import { Duration } from '../../components/times.tsx';
import { useTitle } from '../../components/title.ts';
import { Tags } from '../../components/tags.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import { LogView } from '../logs/log-view.tsx';
import { badgeOf, runningSince, StateSpoken, titleOf } from '../states/state-badge.tsx';
import { StateHistory } from '../states/state-history.tsx';
import { WhyPanel } from '../why/why-panel.tsx';
import { NotLoaded } from '../places/not-loaded.tsx';
import { RetryCountdown } from './task-attempts.tsx';
import { TaskRunActions } from './task-run-actions.tsx';
import { CachedFrom, TaskFacts } from './task-facts.tsx';
import type { TaskRunSearch, TaskRunTab } from './task-run-search.ts';

/** Comes when it is looked at. */
const ArtifactList = lazyPage(null, async () => (await import('../artifacts/artifact-list.tsx')).ArtifactList);

const TABS: readonly Tab<TaskRunTab>[] = [
  { id: 'details', label: 'Details' },
  { id: 'logs', label: 'Logs' },
  { id: 'states', label: 'States' },
  { id: 'artifacts', label: 'Artifacts' },
  { id: 'result', label: 'Result' },
];
const REFRESH_MS = 500;

interface TaskRunDetailProps {
  readonly id: string;
  /** `h1` on its own page, `h2` beside a flow run. */
  readonly heading: 'h1' | 'h2';
}

export function TaskRunDetail({ id, heading }: TaskRunDetailProps) {
  const [{ tab = 'details' }, change] = useSearchValues<TaskRunSearch>(['tab']);
  const { data: head, error, refetch } = useQuery(taskRunHeadQuery(id));
  const run = head?.run;
  useTitle(
    heading === 'h2' ? null : run === undefined ? (error === null ? 'Task run' : 'No such task run') : titleOf(run),
  );
  useLiveTaskRun(id, head?.as_of, run !== undefined && !isTerminal(run.state_type));
  if (error !== null && run === undefined)
    return (
      <NotLoaded
        noun="task run"
        id={id}
        list={heading === 'h1' ? '/runs' : null}
        error={error}
        onRetry={() => void refetch()}
      />
    );
  if (head === undefined || run === undefined) return <Skeleton lines={6} label="Loading task run" />;
  const Heading = heading;
  return (
    <article className="task-run" aria-label={`Task run ${run.name}`}>
      <header className="run-head">
        <p className="crumbs muted">Task run</p>
        <Heading>
          <bdi>{run.name}</bdi> <CopyButton text={run.id} label="Copy the id" />
        </Heading>
        <StateSpoken run={run} />
        <div className="run-facts">
          {badgeOf(run)}
          <RetryCountdown run={run} />
          <span>
            {run.start_time === null ? (
              'Not started'
            ) : (
              <Duration seconds={run.total_run_time} since={runningSince(run)} />
            )}
          </span>
          {run.map_index !== null && run.map_index !== undefined && (
            <span>
              item {formatCount(run.map_index)}
              {run.map_input !== null && run.map_input !== undefined && (
                <>
                  : <code className="map-input">{run.map_input}</code>
                </>
              )}
            </span>
          )}
          <Tags tags={run.tags} />
          <TaskRunActions run={run} />
        </div>
        {run.task_description !== null && run.task_description !== undefined && run.task_description !== '' && (
          <p className="run-about muted">{run.task_description}</p>
        )}
      </header>
      <WhyPanel kind="task-run" runId={id} stateType={run.state_type} failure={run.state?.failure} />
      <Tabs label="Parts of the task run" tabs={TABS} selected={tab} onSelect={(next) => change({ tab: next })}>
        {tab === 'details' && <TaskFacts run={run} head={head} />}
        {tab === 'logs' && <LogView of={{ taskRunId: id }} isActive={!isTerminal(run.state_type)} />}
        {tab === 'states' && <StateHistory kind="task-run" runId={id} />}
        {tab === 'artifacts' && <ArtifactList of={{ taskRunId: id }} />}
        {tab === 'result' && (
          <>
            {run.cache?.outcome === 'hit' && (
              <p>
                Not computed by this run: it came from the cache, where{' '}
                <CachedFrom run={run} names={head.input_names} /> had left it.
              </p>
            )}
            <ResultView data={run.state?.data} isDone={isTerminal(run.state_type)} />
          </>
        )}
      </Tabs>
    </article>
  );
}

function useLiveTaskRun(id: string, asOf: string | undefined, isActive: boolean): void {
  const client = useQueryClient();
  const refresh = useThrottled(() => {
    // With the run comes why it is so.
    for (const key of ['task-runs', 'states', 'artifacts']) {
      void client.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] === key && JSON.stringify(queryKey).includes(id),
      });
    }
  }, REFRESH_MS);
  useEvents(asOf, isActive ? { any_resource: { id: [`prefect.task-run.${id}`] } } : null, refresh, refresh);
}

/** What the last state says about the value that the run returned. */
export function ResultView({ data, isDone }: { readonly data: unknown; readonly isDone: boolean }) {
  if (data === null || data === undefined)
    return <p className="muted">{isDone ? 'No result was kept.' : 'The run has not ended yet.'}</p>;
  const { type, value } = data as { readonly type?: string; readonly value?: unknown };
  const says =
    {
      inline: 'The value is kept with the run.',
      reference: 'The value is kept in the result store; this says where.',
      unpersisted: 'The value was not kept.',
    }[type ?? ''] ?? 'What the client recorded about the value.';
  return (
    <>
      <p className="muted">{says}</p>
      <JsonView text={printJson(type === 'inline' ? value : data)} label="the result" />
    </>
  );
}
