import { useMemo, useState } from 'react';

import { CopyButton } from '../../components/copy-button.tsx';
import { countOf } from '../../components/format.ts';
import { cleanText } from './clean-text.ts';
import { folded, type Folded } from './traceback.ts';

import './traceback.css';

/** The user's own frames; the others are shown when they are asked for. */
export function Traceback({ text, label }: { readonly text: string; readonly label: string }) {
  const clean = useMemo(() => cleanText(text), [text]);
  const short = useMemo(() => folded(clean), [clean]);
  const [isWhole, setWhole] = useState(false);
  return (
    <div className="json-view traceback">
      <CopyButton text={clean} label={`Copy ${label}`} />
      <pre className="stack" tabIndex={0} aria-label={label}>
        {isWhole || short.leftOut === 0 ? clean : <FoldedText parts={short.parts} />}
      </pre>
      <FoldButton leftOut={short.leftOut} isWhole={isWhole} onWhole={setWhole} />
    </div>
  );
}

function FoldButton({
  leftOut,
  isWhole,
  onWhole,
}: {
  readonly leftOut: number;
  readonly isWhole: boolean;
  readonly onWhole: (isWhole: boolean) => void;
}) {
  if (leftOut === 0) return null;
  return (
    <button type="button" className="button plain fold" aria-expanded={isWhole} onClick={() => onWhole(!isWhole)}>
      {isWhole ? 'Show only own frames' : `Show all frames (${leftOut} more)`}
    </button>
  );
}

function FoldedText({ parts }: { readonly parts: Folded['parts'] }) {
  return parts.map((part, at) => {
    if (part.kind === 'left-out')
      return <span key={at} className="left-out">{`    … ${countOf(part.count, 'frame')} of libraries\n`}</span>;
    return (
      <span key={at}>{`${part.kind === 'words' ? part.text : part.frames.map(({ text }) => text).join('\n')}\n`}</span>
    );
  });
}

/** A message of a log in which a traceback stands. */
export function FoldedLine({ text }: { readonly text: string }) {
  const short = useMemo(() => folded(text), [text]);
  const [isWhole, setWhole] = useState(false);
  return (
    <>
      {isWhole || short.leftOut === 0 ? text : <FoldedText parts={short.parts} />}
      <FoldButton leftOut={short.leftOut} isWhole={isWhole} onWhole={setWhole} />
    </>
  );
}
