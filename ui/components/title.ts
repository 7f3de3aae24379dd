import { useEffect } from 'react';

/** The title of the tab: what is looked at comes first, so that many tabs can be told apart. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Ostinato`;
  }, [title]);
}
