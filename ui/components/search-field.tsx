import { useEffect, useEffectEvent, useState } from 'react';

import { Icon } from './icon.tsx';

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** `/` goes to it. */
  readonly isMain?: boolean;
}

/** A person who types pauses for less than this between two letters. */
const PAUSE_MS = 250;

export function SearchField({ label, value, onChange, isMain = false }: SearchFieldProps) {
  const [text, setText] = useState(value);
  const [given, setGiven] = useState(value);
  // The address changed by other means, such as the browser's Back.
  if (given !== value) {
    setGiven(value);
    setText(value);
  }
  const report = useEffectEvent((typed: string) => {
    if (typed !== value) onChange(typed);
  });
  useEffect(() => {
    const timer = setTimeout(() => report(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label className="search-field">
      <Icon name="search" />
      <input type="search" placeholder={label} aria-label={label} value={text} data-search={isMain ? '' : undefined}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => { if (event.key === 'Escape') event.currentTarget.blur(); }} />
      {isMain && <kbd aria-hidden="true">/</kbd>}
    </label>
  );
}
