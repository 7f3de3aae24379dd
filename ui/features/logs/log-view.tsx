import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';

import type { Log, LogSelection } from '../../api/logs.ts';
import { countOf } from '../../components/format.ts';
import { Icon } from '../../components/icon.tsx';
import { EmptyNote, ErrorNote, Skeleton } from '../../components/notes.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { useSearchValues } from '../places/search-state.ts';
import { LEVELS } from './log-level.ts';
import { LogLine } from './log-line.tsx';
import { LOG_SEARCH_KEYS, type LogSearch } from './log-search.ts';
import type { LogEnd } from './log-store.ts';
import { useLogs } from './use-logs.ts';

import './logs.css';

interface LogViewProps {
  readonly of: { readonly flowRunId: string } | { readonly taskRunId: string };
  readonly isActive: boolean;
  /** Name of a task run by its id, where it is known. */
  readonly taskName?: ((id: string) => string | undefined) | undefined;
  readonly onTask?: ((id: string) => void) | undefined;
}

export function LogView({ of, isActive, taskName, onTask }: LogViewProps) {
  const [{ level: levelMin = 0, text = '', end }, change] = useSearchValues<LogSearch>(LOG_SEARCH_KEYS);
  // A run that ends while one reads does not jump to its first line.
  const [usual] = useState<LogEnd>(isActive ? 'newest' : 'first');
  const from = end ?? usual;
  const [isFollowing, setFollowing] = useState(isActive && from === 'newest');
  const selection: LogSelection = { ...of, levelMin, text };
  const logs = useLogs(selection, from, isActive);
  const follow = (on: boolean): void => {
    setFollowing(on);
    if (on && from !== 'newest') change({ end: 'newest' });
  };
  return (
    <div className="logs">
      <div className="logs-tools">
        <SearchField
          label="Search in the logs"
          value={text}
          onChange={(next, options) => change({ text: next }, options)}
          isMain
        />
        <select
          className="select"
          aria-label="Level"
          value={levelMin}
          onChange={(event) => change({ level: Number(event.target.value) })}
        >
          {LEVELS.map(({ min, label }) => (
            <option key={min} value={min}>
              {label}
            </option>
          ))}
        </select>
        <select
          className="select"
          aria-label="Read from"
          value={from}
          onChange={(event) => {
            change({ end: event.target.value as LogEnd });
            if (event.target.value === 'first') setFollowing(false);
          }}
        >
          <option value="first">From the first line</option>
          <option value="newest">From the newest line</option>
        </select>
        {isActive && (
          <button type="button" className="button" aria-pressed={isFollowing} onClick={() => follow(!isFollowing)}>
            <Icon name="down" size={14} /> Follow
          </button>
        )}
        {'flowRunId' in of && <DownloadButton flowRunId={of.flowRunId} />}
        <span className="muted logs-count" aria-live="off">
          {countOf(logs.lines.length, 'line')}
          {logs.hasNewer || logs.hasOlder ? ' loaded' : ''}
        </span>
      </div>
      {logs.error !== null && <ErrorNote error={logs.error} onRetry={logs.retry} />}
      {logs.lines.length === 0 &&
        logs.error === null &&
        (logs.isLoading ? (
          <Skeleton lines={6} label="Loading logs" />
        ) : (
          <NoLines isNarrowed={text !== '' || levelMin > 0} isActive={isActive} />
        ))}
      {logs.lines.length > 0 && (
        <LogLines
          key={`${from} ${levelMin} ${text}`}
          logs={logs}
          search={text}
          isFollowing={isFollowing}
          onFollow={setFollowing}
          taskName={taskName}
          onTask={onTask}
        />
      )}
    </div>
  );
}

function NoLines({ isNarrowed, isActive }: { readonly isNarrowed: boolean; readonly isActive: boolean }) {
  const title = isNarrowed ? 'No line matches' : isActive ? 'No line yet' : 'No line was logged';
  return (
    <EmptyNote icon="list" title={title}>
      <p className="muted">
        {isActive
          ? 'New lines appear here as they are written.'
          : 'What a flow or task writes to the console, or to its logger, is kept here.'}
      </p>
    </EmptyNote>
  );
}

interface LogLinesProps extends Pick<LogViewProps, 'taskName' | 'onTask'> {
  readonly logs: ReturnType<typeof useLogs>;
  readonly search: string;
  readonly isFollowing: boolean;
  readonly onFollow: (on: boolean) => void;
}

const LINE_HEIGHT = 22;

/** Only the lines in sight are in the page, however many there are. */
function LogLines({ logs, search, isFollowing, onFollow, taskName, onTask }: LogLinesProps) {
  const { lines, hasOlder, hasNewer, isLoading, loadMore } = logs;
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => frame.current,
    estimateSize: () => LINE_HEIGHT,
    getItemKey: (at) => lines[at]?.id ?? at,
    overscan: 20,
  });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (isFollowing && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [isFollowing, lines.length, virtual]);
  useEffect(() => {
    if (hasNewer && !isLoading && lastShown >= lines.length - 40) void loadMore('newer');
  });
  const stopFollowing = (): void => {
    const element = frame.current;
    if (isFollowing && element !== null && element.scrollHeight - element.scrollTop - element.clientHeight > 120)
      onFollow(false);
  };
  const loadOlder = async (): Promise<void> => {
    onFollow(false);
    await loadMore('older');
  };
  return (
    <>
      {hasOlder && (
        <button type="button" className="button logs-older" disabled={isLoading} onClick={() => void loadOlder()}>
          Load older lines
        </button>
      )}
      <div
        ref={frame}
        className="log-frame"
        role="log"
        aria-live="off"
        aria-label="Log lines"
        tabIndex={0}
        onWheel={stopFollowing}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          <div style={{ position: 'absolute', insetInline: 0, top: items[0]?.start ?? 0 }}>
            {items.map(({ index, key }) => {
              const line = lines[index] as Log;
              return (
                <LogLine
                  key={key}
                  ref={virtual.measureElement}
                  index={index}
                  line={line}
                  search={search}
                  taskName={line.task_run_id === null ? undefined : taskName?.(line.task_run_id)}
                  onTask={onTask}
                />
              );
            })}
          </div>
        </div>
      </div>
    </>
  );
}

function DownloadButton({ flowRunId }: { readonly flowRunId: string }) {
  const [isBusy, setBusy] = useState(false);
  const download = async (): Promise<void> => {
    setBusy(true);
    try {
      const url = URL.createObjectURL(await (await import('../../api/log-download.ts')).downloadLogs(flowRunId));
      const link = Object.assign(document.createElement('a'), { href: url, download: `${flowRunId}-logs.csv` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } finally {
      setBusy(false);
    }
  };
  return (
    <button type="button" className="button" disabled={isBusy} onClick={() => void download()}>
      <Icon name="download" size={14} /> Download
    </button>
  );
}
