/** What the timeline says of a row, in words. Pure. */
import { countOf, formatCount, formatDuration } from '../components/format.ts';
import { countWords, lookById, stateLabel } from '../features/states/state-look.ts';
import { isBad, isWaiting, type NodeSegment, type TimelineNode } from './nodes.ts';
import type { TimelineRow } from './rows.ts';

/** Stretches that are told one by one; of more, the newest. */
const SEGMENTS_TOLD = 6;

/** A title: `score × 500`. */
export function titleOf(row: TimelineRow): string {
  if (row.kind === 'more') return row.label;
  return row.kind === 'group' ? `${row.name} × ${formatCount(row.count)}` : row.node.label;
}

/** What stands beside a bar: how long it took, and how it went where that must be told. */
export function besideBar(row: TimelineRow, now: number): string {
  if (row.kind === 'more') return '';
  const { start, end } = row.kind === 'run' ? row.node : row;
  const duration = formatDuration(((end ?? now) - start) / 1000);
  if (row.kind === 'group') return `${duration} · ${countWords(row.counts)}`;
  const { node } = row;
  if (node.look.includes('/') || isBad(node))
    return `${duration} · ${stateLabel(node.type, node.stateName).toLowerCase()}${reasonOf(node)}`;
  return `${isWaiting(node) ? 'waiting ' : ''}${duration}`;
}

function reasonOf({ message }: TimelineNode): string {
  return message === null || message === '' ? '' : `: ${message.split('\n', 1)[0]}`;
}

/** In full: for the tip, and for who does not see the bar. */
export function wordsOf(row: TimelineRow | undefined, now: number): string {
  if (row === undefined) return '';
  if (row.kind === 'more') return row.label;
  const { start, end } = row.kind === 'run' ? row.node : row;
  const duration = formatDuration(((end ?? now) - start) / 1000);
  if (row.kind === 'group') return `${row.name}, ${countOf(row.count, 'run')}: ${countWords(row.counts)}, ${duration}`;
  const { node } = row;
  const stretches = node.segments.length === 0 ? '' : `: ${segmentWords(node.segments, now)}`;
  return `${node.label}, ${stateLabel(node.type, node.stateName)}, ${duration}${stretches}${isBad(node) || isWaiting(node) ? reasonOf(node).replace(/^:/, '.') : ''}`;
}

/** For instance `attempt 1 2 s, awaiting retry 5 s, attempt 2 1 s`. */
export function segmentWords(segments: readonly NodeSegment[], now: number): string {
  const told = segments.slice(-SEGMENTS_TOLD).map(({ type, look, attempt, start, end }) => {
    const what = type === 'RUNNING' ? `attempt ${attempt}` : lookById(look).label.toLowerCase();
    return `${what} ${formatDuration(((end ?? now) - start) / 1000)}`;
  });
  return `${segments.length > SEGMENTS_TOLD ? '… ' : ''}${told.join(', ')}`;
}
