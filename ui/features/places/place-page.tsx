/**
 * Every address that is no page: another program's for something we have, a thing that these pages do not show, or
 * nothing at all.
 */
import { Link, Navigate } from '@tanstack/react-router';

import { CopyButton } from '../../components/copy-button.tsx';
import { EmptyNote } from '../../components/notes.tsx';
import { useTitle } from '../../components/title.ts';
import { openSearch } from '../search/search-open.ts';
import { movedTo, placeOf, type Place } from './places.ts';
import { oneOf, shownName } from './shown-name.ts';

export function PlacePage({ pathname }: { readonly pathname: string }) {
  const moved = movedTo(pathname);
  if (moved !== null) {
    const [path, search] = moved.split('?');
    return <Navigate to={path ?? ''} search={Object.fromEntries(new URLSearchParams(search))} replace />;
  }
  const place = placeOf(pathname);
  return place === null ? <NoPage /> : <KnownPlace place={place} />;
}

function NoPage() {
  useTitle('No such page');
  return (
    <EmptyNote icon="search" heading="h1" title="There is no such page">
      <p className="muted">
        Nothing on this server has this address. A part of it may have been lost when it was copied.
      </p>
      <WaysOn words="" />
    </EmptyNote>
  );
}

function KnownPlace({ place: { noun, name, command, docs } }: { readonly place: Place }) {
  const many = `${noun}s`;
  const shown = name === null ? null : shownName(name);
  const title =
    shown === null ? `${many[0]?.toUpperCase()}${many.slice(1)}` : `${noun[0]?.toUpperCase()}${noun.slice(1)} ${shown}`;
  useTitle(title);
  return (
    <>
      <h1 className="visually-hidden">{title}</h1>
      <EmptyNote
        icon="box"
        title={shown === null ? `There is no page of ${many} yet` : `There is no page of ${oneOf(noun)} yet`}
      >
        {shown !== null && (
          <p>
            The address means the {noun} <code>{shown}</code>.
          </p>
        )}
        {command === null ? (
          <p className="muted">This server keeps no {many} yet. Runs, whatever started them, are under Runs.</p>
        ) : (
          <p className="muted">
            The server keeps {many}; the command line shows them: <code>{command}</code>{' '}
            <CopyButton text={command} label={`Copy: ${command}`} />
          </p>
        )}
        <WaysOn words={shown ?? ''} docs={docs} />
      </EmptyNote>
    </>
  );
}

function WaysOn({ words, docs = null }: { readonly words: string; readonly docs?: string | null }) {
  return (
    <div className="note-actions">
      <Link to="/runs" className="button">
        To the runs
      </Link>
      {docs !== null && (
        <Link to="/docs" search={{ q: docs }} className="button">
          Its operations of the API
        </Link>
      )}
      <button type="button" className="button" onClick={() => openSearch(words)}>
        Search
      </button>
    </div>
  );
}
