/**
 * Which rows the timeline has. Pure.
 *
 * A run is a row, in order of start, below the task that called it. Many calls of one task, or the runs of one map, are
 * folded into one row that can be opened: a thousand equal rows tell less than one that says how many of them went
 * well. Opened, the failed ones come first.
 */
import type { LookCounts } from '../features/states/state-look.ts';
import { isBad, isWaiting, type TimelineNode } from './nodes.ts';

export interface RunRow {
  readonly kind: 'run';
  readonly id: string;
  readonly node: TimelineNode;
  readonly depth: number;
}

export interface GroupRow {
  readonly kind: 'group';
  /** Stays the same while runs are added to it. */
  readonly id: string;
  readonly name: string;
  /** Of what it consists, also of what is not here. */
  readonly count: number;
  /** Empty where they are not here: of a group that the server has folded. */
  readonly nodes: readonly TimelineNode[];
  /** By look of the state. */
  readonly counts: LookCounts;
  readonly start: number;
  readonly end: number | null;
  readonly isOpen: boolean;
  readonly depth: number;
}

/** Of a group that comes in pages: asks for the next one. */
export interface MoreRow {
  readonly kind: 'more';
  readonly id: string;
  readonly label: string;
  readonly depth: number;
}

export type TimelineRow = RunRow | GroupRow | MoreRow;

/** With fewer rows in all, everything fits and nothing needs folding. */
const ROWS_TO_FOLD_FROM = 24;
/** Fewer calls of one task are as short as their group. */
const CALLS_TO_FOLD_FROM = 5;

export function layoutRows(nodes: readonly TimelineNode[], openGroups: ReadonlySet<string>): TimelineRow[] {
  const known = new Set(nodes.map(({ id }) => id));
  const byCaller = Map.groupBy(nodes, ({ caller }) => (caller !== null && known.has(caller) ? caller : null));
  const rows: TimelineRow[] = [];
  const placed = new Set<string>();
  const mayFold = nodes.length >= ROWS_TO_FOLD_FROM;

  const placeRun = (node: TimelineNode, depth: number): void => {
    // A circle of callers cannot come from a run that happened, but must not hang the page either.
    if (placed.has(node.id)) return;
    placed.add(node.id);
    rows.push({ kind: 'run', id: node.id, node, depth });
    placeAll(byCaller.get(node.id) ?? [], node.id, depth + 1);
  };
  const placeAll = (siblings: readonly TimelineNode[], caller: string, depth: number): void => {
    const calls = Map.groupBy(siblings, ({ group }) => group);
    const done = new Set<string>();
    for (const node of siblings) {
      const group = calls.get(node.group) ?? [];
      if (!mayFold || group.length < CALLS_TO_FOLD_FROM) {
        placeRun(node, depth);
      } else if (!done.has(node.group)) {
        done.add(node.group);
        const id = `${caller}/${node.group}`;
        const isOpen = openGroups.has(id);
        rows.push(groupRow(id, node.name, group, isOpen, depth));
        if (isOpen)
          for (const member of [...group.filter(isBad), ...group.filter((other) => !isBad(other))])
            placeRun(member, depth + 1);
      }
    }
  };
  placeAll(byCaller.get(null) ?? [], '', 0);
  return rows;
}

function groupRow(id: string, name: string, nodes: readonly TimelineNode[], isOpen: boolean, depth: number): GroupRow {
  const counts: Record<string, number> = {};
  let start = Infinity;
  let end: number | null = -Infinity;
  for (const node of nodes) {
    counts[node.look] = (counts[node.look] ?? 0) + 1;
    start = Math.min(start, node.start);
    end = node.end === null || end === null ? null : Math.max(end, node.end);
  }
  return { kind: 'group', id, name, count: nodes.length, nodes, counts, start, end, isOpen, depth };
}

export interface RowEdge {
  readonly fromRow: number;
  readonly toRow: number;
  readonly fromTime: number;
  readonly toTime: number;
}

/** Dependencies between rows: those of folded runs are drawn at their group, once for each pair. */
export function edgesBetween(rows: readonly TimelineRow[]): RowEdge[] {
  const rowOf = new Map<string, number>();
  rows.forEach((row, at) => {
    if (row.kind === 'run') rowOf.set(row.id, at);
    else if (row.kind === 'group' && !row.isOpen) for (const { id } of row.nodes) rowOf.set(id, at);
  });
  const edges = new Map<string, RowEdge>();
  rows.forEach((row, toRow) => {
    const targets = row.kind === 'run' ? [row.node] : row.kind === 'group' && !row.isOpen ? row.nodes : [];
    // A line leads from an end to a beginning; while either is missing, it would run backwards in time.
    if (targets.every(isWaiting)) return;
    const toTime = targets.reduce((first, { begun }) => Math.min(first, begun), Infinity);
    for (const parent of targets.flatMap(({ parents }) => parents)) {
      const fromRow = rowOf.get(parent);
      const key = `${fromRow} ${toRow}`;
      if (fromRow === undefined || fromRow === toRow || edges.has(key)) continue;
      const from = rows[fromRow];
      // Of a group that still runs, the member that led on has ended.
      const fromTime = spanOf(from)?.end ?? (from?.kind === 'group' ? toTime : null);
      if (fromTime !== null) edges.set(key, { fromRow, toRow, fromTime, toTime });
    }
  });
  return [...edges.values()];
}

/** When it was; `null` for a row that is no run. */
export function spanOf(row: TimelineRow | undefined): { readonly start: number; readonly end: number | null } | null {
  return row === undefined || row.kind === 'more' ? null : row.kind === 'run' ? row.node : row;
}
