import { memo, type Ref } from 'react';

import type { Log } from '../../api/logs.ts';
import { formatClock, formatDateTime, isoTitle } from '../../components/format.ts';
import { lazyPage } from '../connection/lazy-page.tsx';
import { cleanText, hasFrames } from '../failures/clean-text.ts';
import { levelWord } from './log-level.ts';
import { splitMessage } from './log-text.ts';

/** Few logs have one. */
const FoldedLine = lazyPage(null, async () => (await import('../failures/traceback.tsx')).FoldedLine);

interface LogLineProps {
  readonly line: Log;
  readonly index: number;
  readonly search: string;
  readonly taskName: string | undefined;
  readonly onTask: ((id: string) => void) | undefined;
  readonly ref: Ref<HTMLDivElement>;
}

export const LogLine = memo(function LogLine({ line, index, search, taskName, onTask, ref }: LogLineProps) {
  const then = Date.parse(line.timestamp);
  const { word, tone } = levelWord(line.level);
  const { task_run_id: taskId } = line;
  return (
    <div ref={ref} data-index={index} className="log-line" data-tone={tone}>
      <time dateTime={line.timestamp} title={`${formatDateTime(then)} – ${isoTitle(line.timestamp)}`}>
        {formatClock(then)}
      </time>
      <span className="log-level">{word}</span>
      <span className="log-message">
        {taskId !== null && taskName !== undefined && (
          <button type="button" className="log-task" onClick={() => onTask?.(taskId)} title="Look at this task run">
            {taskName}
          </button>
        )}
        <Message message={line.message} search={search} />
      </span>
    </div>
  );
});

/** Of a traceback, the frames of libraries are left out, unless something is searched for: it may be in them. */
function Message({ message, search }: { readonly message: string; readonly search: string }) {
  return search === '' && hasFrames(message) ? (
    <FoldedLine text={cleanText(message)} />
  ) : (
    <MessageText message={message} search={search} />
  );
}

function MessageText({ message, search }: { readonly message: string; readonly search: string }) {
  return splitMessage(message, search).map(({ kind, text }, at) => {
    if (kind === 'match') return <mark key={at}>{text}</mark>;
    if (kind === 'link')
      return (
        <a key={at} href={text} target="_blank" rel="noopener noreferrer">
          {text}
        </a>
      );
    return <span key={at}>{text}</span>;
  });
}
