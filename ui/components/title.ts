import { useEffect } from 'react';

/**
 * The title of the tab: what is looked at comes first, so that many tabs can be told apart.
 * @param title `null`: the page around says it
 */
export function useTitle(title: string | null): void {
  useEffect(() => {
    if (title !== null) document.title = `${title} · Ostinato`;
  }, [title]);
}
