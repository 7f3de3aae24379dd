import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { pauseDeployment, type DeploymentPageData } from '../../api/deployments.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { TimeAgo } from '../../components/times.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import { Tags } from '../../components/tags.tsx';
import { DialogProblem } from '../run-actions/dialog-parts.tsx';
import { useChange } from '../live/change.ts';

type Asked = 'run' | 'edit' | 'duplicate' | 'delete';
const RunFormDialog = lazyPage(null, async () => (await import('./run-form-dialog.tsx')).RunFormDialog);
const EditDialog = lazyPage(null, async () => (await import('./edit-dialog.tsx')).EditDialog);
const DuplicateDialog = lazyPage(null, async () => (await import('./edit-dialog.tsx')).DuplicateDialog);
const DeleteDialog = lazyPage(null, async () => (await import('./delete-dialog.tsx')).DeleteDialog);

export function DeploymentHeader({ page }: { readonly page: DeploymentPageData }) {
  const { deployment, flow_name: flowName, schedules, late_run_count: late } = page;
  const { id, paused } = deployment;
  const [asked, setAsked] = useState<Asked | null>(null);
  const pause = useChange('deployments', (next: boolean) => pauseDeployment(id, next));
  const close = (): void => setAsked(null);
  const next = nextRun(page);
  return (
    <header className="run-head">
      <div className="run-head-top">
        <div>
          <p className="crumbs muted">
            <Link to="/deployments">Deployments</Link> <span aria-hidden="true">/</span>{' '}
            <Link to="/runs" search={{ flow: deployment.flow_id }} title={flowName}>
              <bdi>{flowName}</bdi>
            </Link>
          </p>
          <h1>
            <bdi>{deployment.name}</bdi> <CopyButton text={id} label="Copy the id" />
          </h1>
          {deployment.description !== null && deployment.description !== '' && (
            <p className="run-about muted">{deployment.description}</p>
          )}
        </div>
        <div className="run-actions">
          <button type="button" className="button primary" aria-haspopup="dialog" onClick={() => setAsked('run')}>
            <Icon name="play" size={14} /> Run…
          </button>
          <button type="button" className="button" disabled={pause.isPending} onClick={() => pause.mutate(!paused)}>
            <Icon name={paused ? 'play' : 'hourglass'} size={14} /> {paused ? 'Resume' : 'Pause'}
          </button>
          <button type="button" className="button" aria-haspopup="dialog" onClick={() => setAsked('edit')}>
            <Icon name="rows" size={14} /> Edit…
          </button>
          <button type="button" className="button" aria-haspopup="dialog" onClick={() => setAsked('duplicate')}>
            <Icon name="copy" size={14} /> Duplicate…
          </button>
          <button type="button" className="button" aria-haspopup="dialog" onClick={() => setAsked('delete')}>
            <Icon name="bin" size={14} /> Delete
          </button>
        </div>
      </div>
      <div className="run-facts">
        {paused && <span className="paused-mark">Paused</span>}
        <span title="The next run">
          <Icon name="clock" size={14} /> {next === null ? 'No next run' : <TimeAgo at={next} />}
        </span>
        {late > 0 && <span className="late">{late.toLocaleString('en')} late</span>}
        <PoolLink page={page} />
        {deployment.version !== null && <span>version {deployment.version}</span>}
        <Tags tags={deployment.tags} />
      </div>
      <Hindrance page={page} />
      <DialogProblem error={pause.error} />
      <span className="visually-hidden" role="status">
        {paused ? 'Paused' : schedules.some(({ active }) => active) ? 'Its schedules make runs' : 'No active schedule'}
      </span>
      {asked === 'run' && <RunFormDialog deployment={deployment} onClose={close} />}
      {asked === 'edit' && <EditDialog deployment={deployment} onClose={close} />}
      {asked === 'duplicate' && <DuplicateDialog deployment={deployment} onClose={close} />}
      {asked === 'delete' && <DeleteDialog page={page} onClose={close} />}
    </header>
  );
}

/** Of a run that waits, or of an active schedule. */
function nextRun({ deployment, schedules, waiting, as_of: asOf }: DeploymentPageData): string | null {
  const ahead = deployment.paused
    ? []
    : schedules.filter(({ active }) => active).flatMap(({ next }) => next.slice(0, 1).map(({ at }) => at));
  const made = waiting.map(({ expected_start_time: at }) => at ?? '').filter((at) => at > asOf);
  return [...ahead, ...made].toSorted()[0] ?? null;
}

function PoolLink({ page: { pool, deployment } }: { readonly page: DeploymentPageData }) {
  if (pool === null)
    return deployment.work_queue_name === null ? null : <span>queue {deployment.work_queue_name}</span>;
  return (
    <span title="Work pool, work queue">
      <Icon name="box" size={14} />{' '}
      <Link to="/work-pools/work-pool/$name" params={{ name: pool.name }}>
        {pool.name} / {pool.queue_name}
      </Link>
    </span>
  );
}

/** Why its runs would not begin at their time. */
function Hindrance({ page: { deployment, pool } }: { readonly page: DeploymentPageData }) {
  const says = deployment.paused
    ? 'It is paused: its schedules make no runs. Runs that you start yourself begin all the same.'
    : pool === null
      ? deployment.status === 'READY'
        ? null
        : 'Nobody asks for its runs: they wait until the process that serves it is there.'
      : pool.is_paused
        ? `The work pool ${pool.name} is paused: runs wait until it is resumed.`
        : pool.is_queue_paused
          ? `The work queue ${pool.queue_name} is paused: runs wait until it is resumed.`
          : deployment.status === 'READY' || pool.online_worker_count > 0
            ? null
            : `No worker of the work pool ${pool.name} is there: runs wait until one is started.`;
  if (says === null) return null;
  return <p className="hindrance">{says}</p>;
}
