/**
 * A page, or a part of one, whose code comes when it is first looked at. Where that does not come, the page is not
 * broken for good: with the server away it is asked for again when the server is back; with the server there, it has
 * other pages now, so they are loaded anew.
 */
import { useEffect, useState, type ComponentType } from 'react';

import { noteReach, onRecovery } from '../../api/connection.ts';
import { isServerThere } from '../../api/http.ts';
import { ErrorNote, Skeleton } from '../../components/notes.tsx';

const RELOADED_KEY = 'ostinato.reloaded-for';

/**
 * @param address of the page; opened there, its code is asked for before anything is drawn. `null`: never before it is
 * shown
 * @param isQuiet nothing stands in its place until it is there: for what lies over a page
 */
export function lazyPage<Props extends object>(
  address: RegExp | null,
  load: () => Promise<ComponentType<Props>>,
  { isQuiet = false } = {},
): ComponentType<Props> {
  let loaded: ComponentType<Props> | null = null;
  let early = address?.test(location.pathname) === true ? load().catch(() => null) : null;
  return function LazyPage(props: Props) {
    const [Page, setPage] = useState<ComponentType<Props> | null>(() => loaded);
    const [error, setError] = useState<Error | null>(null);
    useEffect(() => {
      if (loaded !== null) return;
      let isGone = false;
      const attempt = async (): Promise<void> => {
        try {
          const page = (await early) ?? (await load());
          early = null;
          loaded = page;
          sessionStorage.removeItem(RELOADED_KEY);
          if (!isGone) setPage(() => page);
        } catch (cause) {
          if (!isGone) setError(cause as Error);
          if (!(await isServerThere())) noteReach(false);
          else if (!isGone) reloadOnce();
        }
      };
      void attempt();
      const leave = onRecovery(() => void attempt());
      return () => {
        isGone = true;
        leave();
      };
    }, []);
    if (Page !== null) return <Page {...props} />;
    if (isQuiet) return null;
    if (error !== null)
      return (
        <ErrorNote
          error={new Error('The code of this page did not come from the server.')}
          onRetry={() => location.reload()}
        />
      );
    return <Skeleton lines={8} label="Loading the page" />;
  };
}

/** A server that has no such file in its new pages either must not have us load for ever. */
function reloadOnce(): void {
  if (sessionStorage.getItem(RELOADED_KEY) === location.pathname) return;
  sessionStorage.setItem(RELOADED_KEY, location.pathname);
  location.reload();
}
