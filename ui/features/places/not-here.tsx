/** What an address names is not on this server: what was meant, and where to go on. */
import { Link } from '@tanstack/react-router';

import { EmptyNote } from '../../components/notes.tsx';
import { useTitle } from '../../components/title.ts';
import { openSearch } from '../search/search-open.ts';
import { oneOf, shownName } from './shown-name.ts';

const LIST_NAMES = {
  '/runs': 'All runs',
  '/flows': 'All flows',
  '/deployments': 'All deployments',
  '/work-pools': 'All work pools',
  '/automations': 'All automations',
} as const;

export interface NotHereProps {
  /** For instance `flow run`. */
  readonly noun: string;
  /** As the address has it. */
  readonly id: string;
  /** Whether that can be one at all. */
  readonly isId?: boolean;
  /** `null` beside something else that the page is about. */
  readonly list: keyof typeof LIST_NAMES | null;
  /** What the address names it by. */
  readonly by?: 'id' | 'name';
}

export function NotHere({ noun, id, isId = true, list, by = 'id' }: NotHereProps) {
  const shown = shownName(id);
  return (
    <EmptyNote icon="search" heading={list === null ? 'h2' : 'h1'} title={`This ${noun} is not here`}>
      <p className="muted">
        {isId ? (
          <>
            This server has no {noun} with the {by} <code>{shown}</code>. It may have been deleted, or belong to another
            server.
          </>
        ) : (
          <>
            <code>{shown}</code> is not the id of {oneOf(noun)}.
          </>
        )}
      </p>
      <div className="note-actions">
        <button type="button" className="button" onClick={() => openSearch(shown)}>
          Search for it
        </button>
        {list !== null && (
          <Link to={list} className="button">
            {LIST_NAMES[list]}
          </Link>
        )}
      </div>
    </EmptyNote>
  );
}

/** As a page of its own. */
export function NotHerePage(props: NotHereProps) {
  useTitle('Not here');
  return <NotHere {...props} />;
}
