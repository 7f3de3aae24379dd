import { memo, type Ref } from 'react';

import type { Log } from '../../api/logs.ts';
import { formatClock, formatDateTime } from '../../components/format.ts';
import { levelWord } from './log-level.ts';
import { splitMessage } from './log-text.ts';

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
      <time dateTime={line.timestamp} title={formatDateTime(then)}>{formatClock(then)}</time>
      <span className="log-level">{word}</span>
      <span className="log-message">
        {taskId !== null && taskName !== undefined && (
          <button type="button" className="log-task" onClick={() => onTask?.(taskId)} title="Look at this task run">{taskName}</button>
        )}
        {splitMessage(line.message, search).map(({ kind, text }, at) => {
          if (kind === 'match') return <mark key={at}>{text}</mark>;
          if (kind === 'link') return <a key={at} href={text} target="_blank" rel="noopener noreferrer">{text}</a>;
          return <span key={at}>{text}</span>;
        })}
      </span>
    </div>
  );
});
