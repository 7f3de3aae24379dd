/**
 * A picture that somebody's text or artifact names. What is not in the text itself is fetched when the reader asks for
 * it, and not before.
 */
import { useState, type MouseEvent } from 'react';

import { pictureSource } from './picture-source.ts';

import './picture.css';

export function Picture({ src, alt }: { readonly src: string; readonly alt: string }) {
  const [state, setState] = useState<'named' | 'asked' | 'missing'>('named');
  const source = pictureSource(src, location.href);
  if (source === null) return <>{alt}</>;
  if (source.kind === 'inline' || state === 'asked') {
    return (
      <img
        className="picture"
        src={source.url}
        alt={alt}
        referrerPolicy="no-referrer"
        onError={() => setState('missing')}
      />
    );
  }
  const load = (event: MouseEvent): void => {
    // It may stand in a link, which is not meant.
    event.preventDefault();
    event.stopPropagation();
    setState('asked');
  };
  return (
    <span className="picture-note">
      {alt !== '' && <span>{alt} </span>}
      <span className="muted">
        {state === 'missing' ? 'Nothing could be loaded from ' : 'Picture from '}
        <strong>{source.host}</strong>
      </span>
      <button
        type="button"
        className="button"
        onClick={load}
        aria-label={`${state === 'missing' ? 'Try again: load' : 'Load'} the picture ${alt === '' ? '' : `“${alt}” `}from ${source.host}`}
      >
        {state === 'missing' ? 'Try again' : 'Load the picture'}
      </button>
    </span>
  );
}
