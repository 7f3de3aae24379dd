/** A page whose code threw: the rest of the pages goes on. */
import { Link, type ErrorComponentProps } from '@tanstack/react-router';

import { Icon } from '../../components/icon.tsx';
import { useTitle } from '../../components/title.ts';

const MESSAGE_MAX = 500;

export function PageError({ error, reset }: ErrorComponentProps) {
  useTitle('Page broken');
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return (
    <div className="note note-error" role="alert">
      <span className="note-icon">
        <Icon name="bolt" size={24} />
      </span>
      <h1>This page broke</h1>
      <p>Something in it was not as expected. Other pages work; what runs is not touched by it.</p>
      <p>
        <code>{message.length <= MESSAGE_MAX ? message : `${message.slice(0, MESSAGE_MAX)}…`}</code>
      </p>
      <div className="note-actions">
        <button type="button" className="button primary" onClick={() => location.reload()}>
          Load it again
        </button>
        <button type="button" className="button" onClick={reset}>
          Draw it again
        </button>
        <Link to="/runs" className="button">
          To the runs
        </Link>
      </div>
    </div>
  );
}

/** Where what is around every page has thrown: nothing of it can be relied on. */
export function FrameError({ error }: ErrorComponentProps) {
  return (
    <main className="note note-error" role="alert">
      <h1>The pages broke</h1>
      <p>
        <code>{(error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_MAX)}</code>
      </p>
      <div className="note-actions">
        <a className="button primary" href={location.href}>
          Load them again
        </a>{' '}
        <a className="button" href="/runs">
          To the runs
        </a>
      </div>
    </main>
  );
}
