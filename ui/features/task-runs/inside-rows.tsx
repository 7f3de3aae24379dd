/**
 * Rows of the table of what ran inside a run: a run, or many of one task or map as one row that opens, failed ones
 * first.
 */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';

import { readGroupPage, type GroupPage, type InsideGroup, type InsideRun } from '../../api/inside.ts';
import { formatCount, formatDuration } from '../../components/format.ts';
import { Icon } from '../../components/icon.tsx';
import { parseInstant } from '../../components/instant.ts';
import { DateTime, Duration } from '../../components/times.tsx';
import { countsOf, firstPlace, groupName } from '../states/group-format.ts';
import { StateBadge, StateShape } from '../states/state-badge.tsx';
import { countWords, lookById, STACK_ORDER } from '../states/state-look.ts';

export function InsideRunRow({
  run,
  flowRunId,
  depth = 0,
}: {
  readonly run: InsideRun;
  readonly flowRunId: string;
  readonly depth?: number;
}) {
  const { id, label, map_index: at, message } = run;
  return (
    <tr data-depth={depth}>
      <th scope="row">
        {run.kind === 'flow-run' ? (
          <Link to="/runs/flow-run/$id" params={{ id }} data-task-row="" title={label}>
            {label}
          </Link>
        ) : (
          <Link
            to="/runs/flow-run/$id"
            params={{ id: flowRunId }}
            search={(old) => ({ ...old, task: id })}
            data-task-row=""
            title={label}
          >
            {label}
          </Link>
        )}
        {at !== null && <span className="muted"> item {formatCount(at)}</span>}
        <Reason>{message}</Reason>
      </th>
      <td>
        <StateBadge type={run.state_type} name={run.state_name} />
      </td>
      <td className="muted">
        <DateTime at={run.run_count === 0 ? null : run.start_time} />
      </td>
      <td data-number="true">{run.run_count}</td>
      <td data-number="true">
        {run.run_count === 0 ? '–' : <Duration seconds={run.total_run_time} since={run.running_since} />}
      </td>
    </tr>
  );
}

/** Why a run failed or waits: its first line; the rest is on its page. */
export function Reason({ children }: { readonly children: string | null | undefined }) {
  if (children === null || children === undefined || children === '') return null;
  return (
    <span className="task-reason" title={children}>
      {children.split('\n', 1)[0]}
    </span>
  );
}

export function InsideGroupRows({ group, flowRunId }: { readonly group: InsideGroup; readonly flowRunId: string }) {
  const [isOpen, setOpen] = useState(false);
  const counts = countsOf(group);
  const [worst] = STACK_ORDER.toReversed()
    .filter((id) => counts[id] !== undefined)
    .map(lookById);
  const end = group.end_time === null ? null : parseInstant(group.end_time);
  return (
    <>
      <tr className="task-group">
        <th scope="row">
          <button
            type="button"
            className="button plain"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
            data-task-row=""
          >
            <span className="task-caret" data-open={isOpen}>
              <Icon name="chevron" size={12} />
            </span>{' '}
            {groupName(group)} × {formatCount(group.count)}
          </button>
        </th>
        <td className="task-counts">
          {worst !== undefined && <StateShape type={worst.type} name={worst.id.split('/')[1]} />} {countWords(counts)}
        </td>
        <td className="muted">
          <DateTime at={group.start_time} />
        </td>
        <td data-number="true" className="muted">
          –
        </td>
        <td data-number="true">
          {end === null ? (
            <Duration seconds={0} since={group.start_time} />
          ) : (
            formatDuration((end - parseInstant(group.start_time)) / 1000)
          )}
        </td>
      </tr>
      {isOpen && <GroupMembers group={group} flowRunId={flowRunId} />}
    </>
  );
}

function GroupMembers({ group, flowRunId }: { readonly group: InsideGroup; readonly flowRunId: string }) {
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['inside', flowRunId, 'members', group.key],
    queryFn: ({ pageParam, signal }) => readGroupPage(flowRunId, group.key, pageParam, signal),
    initialPageParam: firstPlace(group),
    getNextPageParam: (last: GroupPage) => last.next,
  });
  if (error !== null && data === undefined) return <NoteRow>{error.message}</NoteRow>;
  if (data === undefined) return <NoteRow>Loading …</NoteRow>;
  const runs = data.pages.flatMap((page) => page.runs);
  return (
    <>
      {runs.map((run) => (
        <InsideRunRow key={run.id} run={run} flowRunId={flowRunId} depth={1} />
      ))}
      {hasNextPage && (
        <NoteRow>
          <button
            type="button"
            className="button plain"
            disabled={isFetchingNextPage}
            onClick={() => void fetchNextPage()}
          >
            Show more of {formatCount(Math.max(1, group.count - runs.length))}
          </button>
        </NoteRow>
      )}
    </>
  );
}

function NoteRow({ children }: { readonly children: ReactNode }) {
  return (
    <tr data-depth={1}>
      <td colSpan={5} className="muted">
        {children}
      </td>
    </tr>
  );
}
