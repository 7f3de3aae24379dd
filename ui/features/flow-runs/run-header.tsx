import { Link } from '@tanstack/react-router';

import type { FlowRun, RunHead } from '../../api/flow-runs.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { DateTime, Duration } from '../../components/times.tsx';
import { badgeOf, runningSince, StateSpoken } from '../states/state-badge.tsx';
import { RunActions } from './run-actions.tsx';
import { FlowVersion } from './flow-version.tsx';
import { Tags } from '../../components/tags.tsx';

interface RunHeaderProps {
  readonly run: FlowRun;
  readonly parent: RunHead['parent'];
  /** Of the flow. */
  readonly description: string | null | undefined;
}

export function RunHeader({ run, parent, description }: RunHeaderProps) {
  return (
    <header className="run-head">
      <div className="run-head-top">
        <div>
          <p className="crumbs muted">
            <Link to="/runs">Runs</Link> <span aria-hidden="true">/</span>{' '}
            <Link to="/runs" search={{ flow: run.flow_id }} title={run.flow_name}>
              <bdi>{run.flow_name}</bdi>
            </Link>
          </p>
          <h1>
            <bdi>{run.name}</bdi> <CopyButton text={run.id} label="Copy the id" />
          </h1>
          {description !== null && description !== undefined && description !== '' && (
            <p className="run-about muted">{description}</p>
          )}
        </div>
        <RunActions run={run} />
      </div>
      <StateSpoken run={run} />
      <div className="run-facts">
        {badgeOf(run)}
        <span title="Time in Running, all attempts together">
          <Icon name="hourglass" size={14} />{' '}
          {run.start_time === null ? (
            'not started'
          ) : (
            <Duration seconds={run.total_run_time} since={runningSince(run)} />
          )}
        </span>
        <span title="Start">
          <Icon name="clock" size={14} />{' '}
          {run.start_time === null ? (
            <>
              expected <DateTime at={run.expected_start_time} />
            </>
          ) : (
            <DateTime at={run.start_time} />
          )}
        </span>
        {run.flow_version !== null && <FlowVersion version={run.flow_version} />}
        {run.run_count > 1 && <span>{run.run_count} attempts</span>}
        {run.parent_task_run_id !== null && <ParentLink parent={parent} />}
        <Tags tags={run.tags} />
      </div>
    </header>
  );
}

function ParentLink({ parent }: { readonly parent: RunHead['parent'] }) {
  if (parent === null) return <span>subflow</span>;
  return (
    <span>
      <Icon name="flow" size={14} /> called by{' '}
      <Link to="/runs/flow-run/$id" params={{ id: parent.id }}>
        {parent.name}
      </Link>
    </span>
  );
}
