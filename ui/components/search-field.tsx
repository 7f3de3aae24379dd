import { useEffect, useEffectEvent, useRef, useState } from 'react';

import { Icon } from './icon.tsx';
import { TEXT_MAX } from './search-values.ts';

/** Of a change to what a page is narrowed to. */
export interface ChangeOptions {
  /** The change before was the beginning of this one: both are undone together. */
  readonly isMore?: boolean;
}

interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  /** `isMore` while somebody goes on typing what has been handed over in part. */
  readonly onChange: (value: string, options: ChangeOptions) => void;
  /** `/` goes to it. */
  readonly isMain?: boolean;
}

/** A person who types pauses for less than this between two letters. */
const PAUSE_MS = 250;

export function SearchField({ label, value, onChange, isMain = false }: SearchFieldProps) {
  const [text, setText] = useState(value);
  const [given, setGiven] = useState(value);
  const handed = useRef<string | null>(null);
  // The address changed by other means, such as the browser's Back.
  if (given !== value) {
    setGiven(value);
    setText(value);
  }
  const report = useEffectEvent((typed: string) => {
    if (typed === value) return;
    // Going on from what was handed over: one step for Back, however many pauses there were.
    onChange(typed, { isMore: handed.current === value });
    handed.current = typed;
  });
  useEffect(() => {
    const timer = setTimeout(() => report(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  /** What is typed next is another search. */
  const finish = (): void => {
    if (text !== value) onChange(text, { isMore: handed.current === value });
    handed.current = null;
  };
  return (
    <label className="search-field">
      <Icon name="search" />
      <input
        type="search"
        placeholder={label}
        aria-label={label}
        value={text}
        maxLength={TEXT_MAX}
        data-search={isMain ? '' : undefined}
        onChange={(event) => setText(event.target.value)}
        onBlur={finish}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
          else if (event.key === 'Enter') finish();
        }}
      />
      {isMain && <kbd aria-hidden="true">/</kbd>}
    </label>
  );
}
