import { Link } from '@tanstack/react-router';

import type { ListedRun } from '../../api/flow-runs.ts';
import { Tags } from '../../components/tags.tsx';
import { Duration, TimeAgo } from '../../components/times.tsx';
import { FailureLine } from '../states/failure-line.tsx';
import { badgeOf, runningSince } from '../states/state-badge.tsx';

/** A run in a list: the whole row leads to it. */
export function RunRow({ run }: { readonly run: ListedRun }) {
  const at = run.start_time ?? run.expected_start_time;
  return (
    <li>
      <Link to="/runs/flow-run/$id" params={{ id: run.id }} className="run-row" data-row="">
        <span className="run-row-state">{badgeOf(run)}</span>
        <span className="run-row-name">
          <strong title={run.name} dir="auto">
            {run.name}
          </strong>
          <span className="muted" title={run.flow_name} dir="auto">
            {run.flow_name ?? ' '}
          </span>
          <FailureLine type={run.state_type} message={run.state?.message} />
        </span>
        <span className="run-row-tags">
          <Tags tags={run.tags} />
        </span>
        <span className="run-row-when muted">{at === null ? 'not started' : <TimeAgo at={at} />}</span>
        <span className="run-row-duration">
          {run.start_time === null ? '–' : <Duration seconds={run.total_run_time} since={runningSince(run)} />}
        </span>
      </Link>
    </li>
  );
}
