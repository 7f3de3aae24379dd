import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { artifactListQuery, type Artifact } from '../../api/artifacts.ts';
import { printJson } from '../../api/lossless-json.ts';
import { countOf } from '../../components/format.ts';
import { Icon } from '../../components/icon.tsx';
import { JsonView } from '../../components/json-view.tsx';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { Picture } from '../../components/picture.tsx';
import { TimeAgo } from '../../components/times.tsx';
import { isNumeric, readLink, readProgress, readTable, safeUrl, type TableData } from './artifact-data.ts';

import './artifacts.css';

const Markdown = lazy(() => import('../../components/markdown.tsx'));

export function ArtifactList({ of }: { readonly of: { readonly flowRunId: string } | { readonly taskRunId: string } }) {
  const { data: artifacts, error, refetch } = useQuery(artifactListQuery(of));
  if (error !== null && artifacts === undefined) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (artifacts === undefined) return <Skeleton lines={5} label="Loading artifacts" />;
  if (artifacts.length === 0)
    return (
      <EmptyNote title="No artifact">
        <p className="muted">
          Markdown, tables, links, images and progress that a run makes are shown here. In a flow or task, with{' '}
          <code>artifacts</code> of <code>ostinato</code>:{' '}
          <code>{"await artifacts.markdown('# Report', { key: 'report' })"}</code>
        </p>
      </EmptyNote>
    );
  return (
    <div className="artifacts">
      {artifacts.map((artifact) => (
        <ArtifactCard key={artifact.id} artifact={artifact} />
      ))}
    </div>
  );
}

export function ArtifactCard({ artifact }: { readonly artifact: Artifact }) {
  const { key, type, description, created } = artifact;
  return (
    <article className="artifact" data-type={type}>
      <header>
        <h2>{key ?? 'Without a key'}</h2>
        <span className="tag">{type ?? 'unknown'}</span>
        <span className="muted">
          <TimeAgo at={created} />
        </span>
      </header>
      {description !== null && <p className="muted">{description}</p>}
      <ArtifactBody artifact={artifact} />
    </article>
  );
}

function ArtifactBody({ artifact: { type, data, key } }: { readonly artifact: Artifact }) {
  const text = typeof data === 'string' ? data : printJson(data);
  const raw = <JsonView text={text} label={key ?? 'artifact'} />;
  const link = type === 'link' || type === 'markdown' ? readLink(data) : null;
  if (link !== null)
    return (
      <p>
        <a href={link.href} target="_blank" rel="noopener noreferrer">
          <Icon name="link" size={14} /> {link.text}
        </a>
      </p>
    );
  if (type === 'markdown')
    return (
      <Suspense fallback={<Skeleton lines={3} />}>
        <Markdown text={text} />
      </Suspense>
    );
  if (type === 'table') {
    const table = readTable(data);
    return table === null ? raw : <TableBody table={table} label={key ?? 'table'} />;
  }
  if (type === 'progress') {
    const progress = readProgress(data);
    return progress === null ? (
      raw
    ) : (
      <div className="artifact-progress">
        <progress max={100} value={progress} aria-label={key ?? 'Progress'} />{' '}
        <strong>{Math.round(progress * 10) / 10} %</strong>
      </div>
    );
  }
  if (type === 'image') {
    const url = safeUrl(data, 'image');
    return url === null ? raw : <Picture key={url} src={url} alt={key ?? 'Image'} />;
  }
  return raw;
}

const ROWS_SHOWN = 20;

function TableBody({ table: { columns, rows }, label }: { readonly table: TableData; readonly label: string }) {
  const [shown, setShown] = useState(ROWS_SHOWN);
  return (
    <>
      <div className="table-frame" tabIndex={0} role="region" aria-label={label}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown).map((row, at) => (
              <tr key={at}>
                {row.map((cell, column) => (
                  <td key={column} data-number={isNumeric(cell)}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > shown && (
        <button type="button" className="button plain" onClick={() => setShown(shown + 200)}>
          {countOf(rows.length - shown, 'more row')}
        </button>
      )}
    </>
  );
}
