/** Opens the search over everything, also by Ctrl+K or ⌘K from anywhere. */
import { useEffect, useSyncExternalStore } from 'react';

import { Icon } from '../../components/icon.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import { closeSearch, onSearchChange, openSearch, searchWords } from './search-open.ts';

const SearchDialog = lazyPage(null, async () => (await import('./search-dialog.tsx')).SearchDialog, { isQuiet: true });

export function SearchButton() {
  const words = useSyncExternalStore(onSearchChange, searchWords);
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      // Another dialog has the keyboard to itself.
      if (document.querySelector('dialog[open]') === null) openSearch();
    };
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, []);
  return (
    <>
      <button
        type="button"
        className="icon-button"
        onClick={() => openSearch()}
        aria-label="Search"
        title="Search everything (Ctrl+K)"
      >
        <Icon name="search" />
      </button>
      {words !== null && <SearchDialog given={words} onClose={closeSearch} />}
    </>
  );
}
