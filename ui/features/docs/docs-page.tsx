/** The API to browse: what the server's own description says, operation by operation. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';

import { descriptionQuery } from '../../api/description.ts';
import { useListKeys } from '../../components/hotkeys.ts';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { SearchField, type ChangeOptions } from '../../components/search-field.tsx';
import { OperationView } from './operation-view.tsx';
import { operationGroups, searchOperations } from './operations.ts';

import './docs.css';

interface DocsPageProps {
  readonly query: string;
  /** The operation or section that the address names; empty for none. */
  readonly named: string;
  readonly onQuery: (query: string, options: ChangeOptions) => void;
}

export function DocsPage({ query, named, onQuery }: DocsPageProps) {
  const { data: description, error, refetch } = useQuery(descriptionQuery);
  const groups = useMemo(() => (description === undefined ? [] : operationGroups(description)), [description]);
  const found = useMemo(() => searchOperations(groups, query), [groups, query]);
  useListKeys('.operation > [data-row]');
  const isLoaded = description !== undefined;
  useEffect(() => {
    // The browser looked for it before the description was there.
    if (isLoaded && named !== '') document.getElementById(named)?.scrollIntoView({ block: 'start' });
  }, [isLoaded, named]);
  if (error !== null && description === undefined) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (description === undefined) return <Skeleton lines={8} label="Loading the description of the API" />;
  const { info, components: { schemas = {} } = {} } = description;
  return (
    <div className="docs">
      <nav className="docs-tags" aria-label="Parts of the API">
        {found.map(({ tag, operations }) => (
          <a key={tag} href={`#${sectionId(tag)}`}>
            {tag} <span className="tab-count">{operations.length}</span>
          </a>
        ))}
      </nav>
      <div className="docs-main">
        <h1>
          {info.title} API <span className="muted">{info.version}</span>
        </h1>
        <p className="muted">
          {info.description} <a href="/api/openapi.json">OpenAPI document</a>
        </p>
        <div className="filters-row">
          <SearchField label="Search operations" value={query} onChange={onQuery} isMain />
          <span className="muted" role="status">
            {found.reduce((sum, { operations }) => sum + operations.length, 0)} operations
          </span>
        </div>
        {found.length === 0 && <EmptyNote icon="search" title="No operation is like this" />}
        {found.map(({ tag, operations }) => (
          <section key={tag} id={sectionId(tag)} aria-label={tag}>
            <h2>{tag}</h2>
            <div className="card">
              {operations.map((operation) => (
                <OperationView
                  key={operation.id}
                  operation={operation}
                  components={schemas}
                  isNamed={operation.id === named}
                />
              ))}
            </div>
          </section>
        ))}
      </div>
    </div>
  );
}

function sectionId(tag: string): string {
  return `part-${tag.toLowerCase().replaceAll(/\W+/g, '-')}`;
}
