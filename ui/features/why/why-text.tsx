import { Link } from '@tanstack/react-router';

import type { Explanation } from '../../api/explanations.ts';
import { useNow } from '../../components/clock.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { formatDuration, isoTitle } from '../../components/format.ts';
import { DateTime } from '../../components/times.tsx';
import { cleanText } from '../failures/clean-text.ts';
import { shellCommand } from '../run-actions/command-text.ts';
import { sentenceParts } from './sentence-parts.ts';

interface WhyTextProps {
  readonly text: string;
  readonly about?: Explanation['about'] | undefined;
  readonly moving?: string | null | undefined;
  readonly hasCommands?: boolean;
  /** On whose page it stands: a task run of it is opened beside. */
  readonly flowRunId?: string | null;
}

/**
 * A sentence: times are the reader's, lengths of time go on, runs are led to, and commands between backquotes are
 * copied so that they work.
 */
export function WhyText({ text, about, moving, hasCommands = false, flowRunId = null }: WhyTextProps) {
  const isMoving = moving !== null && moving !== undefined;
  return sentenceParts({ text, name: about?.name ?? null, isMoving, hasCommands }).map((part, at) => {
    switch (part.kind) {
      case 'words':
        return <span key={at}>{cleanText(part.text)}</span>;
      case 'time':
        return <DateTime key={at} at={part.text} />;
      case 'moving':
        return isMoving ? <Moving key={at} at={moving} /> : null;
      case 'command':
        return (
          <span key={at} className="why-command">
            <code>{cleanText(part.text)}</code>
            <CopyButton text={shellCommand(part.text)} label={`Copy: ${shellCommand(part.text)}`} />
          </span>
        );
      case 'run':
        return <RunLink key={at} about={about} flowRunId={flowRunId} text={cleanText(part.text)} />;
    }
  });
}

function RunLink({
  about,
  flowRunId,
  text,
}: Pick<WhyTextProps, 'about' | 'text'> & { readonly flowRunId: string | null }) {
  const id = about?.id ?? '';
  if (about?.kind === 'flow_run')
    return (
      <Link to="/runs/flow-run/$id" params={{ id }}>
        {text}
      </Link>
    );
  if (flowRunId !== null)
    return (
      <Link
        to="/runs/flow-run/$id"
        params={{ id: flowRunId }}
        search={(old) => ({ ...old, task: id })}
        resetScroll={false}
      >
        {text}
      </Link>
    );
  return (
    <Link to="/runs/task-run/$id" params={{ id }}>
      {text}
    </Link>
  );
}

const TICK_MS = 1000;

/** How long ago it was, or how long it is until then; past that, nothing is left of it. */
function Moving({ at }: { readonly at: string }) {
  const then = Date.parse(at);
  const now = useNow(TICK_MS);
  const isAhead = useNow(null) < then;
  const seconds = isAhead ? Math.max(0, Math.ceil((then - now) / 1000)) : Math.max(0, Math.floor((now - then) / 1000));
  return (
    <time className="duration" dateTime={at} title={isoTitle(at)}>
      {formatDuration(seconds)}
    </time>
  );
}
