/** What was applied of a deployment: each version, in what two differ, what was changed by hand, and the way back. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { versionsQuery, type VersionFacts, type VersionsPage } from '../../api/deployment-versions.ts';
import { shortHash } from '../../components/format.ts';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { DateTime, TimeAgo } from '../../components/times.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import { useSearchValues } from '../places/search-state.ts';
import type { DeploymentPageSearch } from './deployment-search.ts';
import { Differences } from './version-differences.tsx';

import './versions.css';

const RollbackDialog = lazyPage(null, async () => (await import('./rollback-dialog.tsx')).RollbackDialog);

export function VersionList({ id, name }: { readonly id: string; readonly name: string }) {
  const [{ from = null, to = null }] = useSearchValues<DeploymentPageSearch>(['from', 'to']);
  const { data, error, refetch } = useQuery(versionsQuery(id, from, to));
  const [back, setBack] = useState<number | null>(null);
  if (error !== null) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Skeleton lines={6} label="Loading the versions" />;
  const [newest] = data.versions;
  if (newest === undefined)
    return (
      <EmptyNote icon="box" title="No version yet">
        <p className="muted">
          Each application of a file is a version: <code>ostinato deployment apply FILE</code>,{' '}
          <code>ostinato deploy</code>, <code>flow.deploy()</code>. What clients of Prefect deploy makes none.
        </p>
      </EmptyNote>
    );
  return (
    <>
      <section aria-label="Changed by hand">
        {data.drift.length === 0 ? (
          <p className="muted">It is as version {newest.version} made it.</p>
        ) : (
          <>
            <h2 className="section-title">Changed by hand since version {newest.version}</h2>
            <Differences differences={data.drift} from={`Version ${newest.version}`} to="Now" />
          </>
        )}
      </section>
      <Comparison id={id} versions={data.versions} from={from ?? (data.versions[1] ?? newest).version} to={to} />
      <h2 className="section-title">Versions</h2>
      <ol className="card versions" aria-label="Versions, the newest first">
        {data.versions.map((version) => (
          <Version key={version.version} version={version} onBack={() => setBack(version.version)} />
        ))}
      </ol>
      {back !== null && <RollbackDialog id={id} name={name} version={back} onClose={() => setBack(null)} />}
    </>
  );
}

function Version({ version: row, onBack }: { readonly version: VersionFacts; readonly onBack: () => void }) {
  const { version, created, kind, by, file, rolled_back_to: backTo } = row;
  return (
    <li className="version">
      <div className="version-name">
        <strong>Version {version}</strong>
        <span className="muted">
          <TimeAgo at={created} /> · <DateTime at={created} />
        </span>
      </div>
      <div className="version-source">
        <span>{kind === 'rollback' ? `Back to version ${backTo ?? ''}` : (file ?? 'From no file')}</span>
        <span className="muted">{[by === null ? null : `by ${by}`, commitOf(row)].filter(Boolean).join(' · ')}</span>
      </div>
      <button
        type="button"
        className="button"
        aria-haspopup="dialog"
        aria-label={`Roll back to version ${version}`}
        onClick={onBack}
      >
        Roll back…
      </button>
    </li>
  );
}

function commitOf({
  git_commit: commit,
  git_branch: branch,
  is_git_dirty: isDirty,
  checksum,
}: VersionFacts): string | null {
  if (commit === null) return checksum === null ? null : `checksum ${shortHash(checksum)}`;
  const where = branch === null ? '' : ` on ${branch}`;
  return `commit ${shortHash(commit)}${where}${isDirty === true ? ', the file was changed since' : ''}`;
}

interface ComparisonProps {
  readonly id: string;
  readonly versions: VersionsPage['versions'];
  readonly from: number;
  /** `null`: what it is now. */
  readonly to: number | null;
}

function Comparison({ id, versions, from, to }: ComparisonProps) {
  const [, change] = useSearchValues<DeploymentPageSearch>(['from', 'to']);
  const { data, error, refetch } = useQuery(versionsQuery(id, from, to));
  const options = versions.map(({ version }) => (
    <option key={version} value={version}>
      version {version}
    </option>
  ));
  const toName = to === null ? 'Now' : `Version ${to}`;
  return (
    <section aria-label="Compare two versions">
      <h2 className="section-title">Compare</h2>
      <div className="version-sides">
        <label className="version-side">
          From{' '}
          <select className="select" value={from} onChange={({ target }) => change({ from: Number(target.value) })}>
            {options}
          </select>
        </label>
        <label className="version-side">
          To{' '}
          <select
            className="select"
            value={to ?? ''}
            onChange={({ target }) => change({ to: target.value === '' ? undefined : Number(target.value) })}
          >
            <option value="">now</option>
            {options}
          </select>
        </label>
      </div>
      {error !== null && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data !== undefined && data.differences.length > 0 && (
        <Differences differences={data.differences} from={`Version ${from}`} to={toName} />
      )}
      {data?.differences.length === 0 && (
        <p className="muted">{from === to ? 'Choose two that differ.' : 'They are the same.'}</p>
      )}
    </section>
  );
}
