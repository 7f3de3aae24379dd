import { useMemo } from 'react';

import { CopyButton } from './copy-button.tsx';

/** @param text JSON, indented */
export function JsonView({ text, label }: { readonly text: string; readonly label: string }) {
  const parts = useMemo(() => colourJson(text), [text]);
  return (
    <div className="json-view">
      <CopyButton text={text} label={`Copy ${label}`} />
      <pre tabIndex={0} aria-label={label}>
        <code>
          {parts.map(({ kind, text: part }, at) =>
            kind === null ? (
              part
            ) : (
              <span key={at} className={`json-${kind}`}>
                {part}
              </span>
            ),
          )}
        </code>
      </pre>
    </div>
  );
}

interface Part {
  readonly kind: 'key' | 'text' | 'number' | 'word' | null;
  readonly text: string;
}

/** More than this is shown in one colour: thousands of elements would make the page slow. */
const COLOURED_CHARACTERS_MAX = 60_000;

export function colourJson(text: string): readonly Part[] {
  if (text.length > COLOURED_CHARACTERS_MAX) return [{ kind: null, text }];
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|(true|false|null)/g)) {
    if (match.index > end) parts.push({ kind: null, text: text.slice(end, match.index) });
    const [all, quoted, colon, number] = match;
    if (quoted !== undefined) {
      parts.push({ kind: colon === undefined ? 'text' : 'key', text: quoted });
      if (colon !== undefined) parts.push({ kind: null, text: colon });
    } else parts.push({ kind: number === undefined ? 'word' : 'number', text: all });
    end = match.index + all.length;
  }
  return [...parts, { kind: null, text: text.slice(end) }];
}
