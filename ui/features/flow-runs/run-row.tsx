import { Link } from '@tanstack/react-router';

import type { ListedRun } from '../../api/flow-runs.ts';
import { Duration, TimeAgo } from '../../components/times.tsx';
import { badgeOf, runningSince } from '../states/state-badge.tsx';

/** A run in a list: the whole row leads to it. */
export function RunRow({ run }: { readonly run: ListedRun }) {
  const at = run.start_time ?? run.expected_start_time;
  return (
    <li>
      <Link to="/runs/flow-run/$id" params={{ id: run.id }} className="run-row" data-row="">
        <span className="run-row-state">{badgeOf(run)}</span>
        <span className="run-row-name">
          <strong>{run.name}</strong>
          <span className="muted">{run.flow_name ?? ' '}</span>
        </span>
        <span className="run-row-tags"><Tags tags={run.tags} /></span>
        <span className="run-row-when muted">{at === null ? 'not started' : <TimeAgo at={at} />}</span>
        <span className="run-row-duration">{run.start_time === null ? '–' : <Duration seconds={run.total_run_time} since={runningSince(run)} />}</span>
      </Link>
    </li>
  );
}

const TAGS_SHOWN = 3;

export function Tags({ tags }: { readonly tags: readonly string[] }) {
  if (tags.length === 0) return null;
  return (
    <span className="tags">
      {tags.slice(0, TAGS_SHOWN).map((tag) => <span key={tag} className="tag">{tag}</span>)}
      {tags.length > TAGS_SHOWN && <span className="tag" title={tags.slice(TAGS_SHOWN).join(', ')}>+{tags.length - TAGS_SHOWN}</span>}
    </span>
  );
}
