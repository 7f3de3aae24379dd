/** A read of one thing that has failed: it is not there, or something else went wrong. */
import { ErrorNote } from '../../components/notes.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import type { NotHereProps } from './not-here.tsx';

/** Seldom seen: its code comes when it is needed. */
const NotHere = lazyPage(null, async () => (await import('./not-here.tsx')).NotHere);
export const NotHerePage = lazyPage(null, async () => (await import('./not-here.tsx')).NotHerePage);

interface NotLoadedProps extends NotHereProps {
  readonly error: Error;
  readonly onRetry: () => void;
}

export function NotLoaded({ error, onRetry, ...named }: NotLoadedProps) {
  return 'status' in error && error.status === 404 ? (
    <NotHere {...named} />
  ) : (
    <ErrorNote error={error} onRetry={onRetry} />
  );
}
