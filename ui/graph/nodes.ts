/** What the server tells of a run's inside, as the timeline takes it. Pure. */
import type { Graph } from '../api/flow-run-graph.ts';
import type { StateType } from '../api/states.ts';
import { parseInstant } from '../components/instant.ts';

export interface TimelineNode {
  readonly id: string;
  readonly kind: 'flow-run' | 'task-run';
  readonly label: string;
  readonly type: StateType;
  /** Milliseconds since 1970. */
  readonly start: number;
  /** `null` while it has not ended. */
  readonly end: number | null;
  /** Runs whose results it took. */
  readonly parents: readonly string[];
  /** The task run that called it, where a task calls tasks. */
  readonly caller: string | null;
}

const TERMINAL: ReadonlySet<StateType> = new Set(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED']);

/** What has not begun: its start is when it was expected, and what is drawn from there on is waiting. */
export function isWaiting({ type }: Pick<TimelineNode, 'type'>): boolean {
  return type === 'PENDING' || type === 'SCHEDULED' || type === 'PAUSED';
}

/** In order of their start. */
export function nodesOf(graph: Graph): TimelineNode[] {
  return graph.nodes
    .map(([id, node]) => {
      const start = parseInstant(node.start_time);
      const end = node.end_time === null ? null : parseInstant(node.end_time);
      return {
        id,
        kind: node.kind,
        label: node.label,
        type: node.state_type,
        start,
        // What is over without an end, such as a run that was cached or never began, takes no time.
        end: end ?? (TERMINAL.has(node.state_type) ? start : null),
        parents: [...new Set(node.parents.map((edge) => edge.id))],
        caller: node.encapsulating.at(-1)?.id ?? null,
      };
    })
    .sort((a, b) => a.start - b.start || (a.id < b.id ? -1 : 1));
}

/** From the first start to the last end; `now` stands for the end of what is still under way. */
export function extentOf(nodes: readonly TimelineNode[], graph: Pick<Graph, 'start_time' | 'end_time'>, now: number): { readonly start: number; readonly end: number } {
  let start = graph.start_time === null ? Infinity : parseInstant(graph.start_time);
  let end = graph.end_time === null ? -Infinity : parseInstant(graph.end_time);
  const isOpen = graph.end_time === null;
  for (const node of nodes) {
    start = Math.min(start, node.start);
    end = Math.max(end, node.end ?? -Infinity, node.start);
  }
  // A run that has ended leaves nothing open, whatever its rows say.
  if (isOpen) end = Math.max(end, now);
  if (!Number.isFinite(start)) return { start: now - 1000, end: now };
  return { start, end: Math.max(end, start + 1) };
}
