/** What the address of the runs list says, and the selection that it means. Pure. */
import type { FlowRunSelection } from '../../api/flow-runs.ts';
import { STATE_TYPES, type StateType } from '../../api/states.ts';
import { periodOf, SPANS, type Period, type Span } from './buckets.ts';

/** Every field may be missing: an address says only what differs from the plain list. */
export interface RunSearch {
  readonly name?: string;
  readonly states?: readonly StateType[];
  readonly flow?: string;
  readonly tags?: readonly string[];
  readonly span?: Span;
  /** An absolute window; it wins over `span`. RFC 3339. */
  readonly from?: string;
  readonly to?: string;
  readonly subflows?: boolean;
  readonly page?: number;
}

export const DEFAULT_SPAN: Span = '7d';
export const PAGE_SIZE = 50;

/** Takes what makes sense of an address that anybody may have typed. */
export function parseRunSearch(raw: Record<string, unknown>): RunSearch {
  const texts = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string' && item !== '') as string[];
  const [name] = texts(raw['name']);
  const [flow] = texts(raw['flow']);
  const states = STATE_TYPES.filter((type) => texts(raw['states']).includes(type));
  const tags = texts(raw['tags']);
  const span = (Object.keys(SPANS) as Span[]).find((key) => key === raw['span']);
  const [from, to] = [raw['from'], raw['to']].map((value) => (typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined));
  const page = Number(raw['page']);
  return {
    ...(name === undefined ? {} : { name }),
    ...(states.length === 0 ? {} : { states }),
    ...(flow === undefined ? {} : { flow }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(span === undefined || span === DEFAULT_SPAN ? {} : { span }),
    ...(from === undefined || to === undefined ? {} : { from, to }),
    ...(raw['subflows'] === true ? { subflows: true } : {}),
    ...(Number.isInteger(page) && page > 1 ? { page } : {}),
  };
}

export function periodOfSearch({ span = DEFAULT_SPAN, from, to }: RunSearch, now: number): Period {
  if (from !== undefined && to !== undefined) return { start: Date.parse(from), end: Date.parse(to) };
  return periodOf(span, now);
}

/** Whether anything but the window narrows the list. */
export function isNarrowed({ name, states, flow, tags }: RunSearch): boolean {
  return name !== undefined || states !== undefined || flow !== undefined || tags !== undefined;
}

/** @param withStates `false` for the chart, which shows all states beside each other */
export function selectionOf(search: RunSearch, period: Period | null, withStates = true): FlowRunSelection {
  const { name, states, flow, tags, subflows } = search;
  const window = period && {
    expected_start_time: { after_: new Date(period.start).toISOString(), before_: new Date(period.end).toISOString() },
  };
  return {
    flow_runs: {
      ...window,
      ...(name === undefined ? {} : { name: { like_: name } }),
      ...(tags === undefined ? {} : { tags: { all_: tags } }),
      ...(states === undefined || !withStates ? {} : { state: { type: { any_: states } } }),
      ...(subflows === true ? {} : { parent_task_run_id: { is_null_: true } }),
    },
    ...(flow === undefined ? {} : { flows: { id: { any_: [flow] } } }),
  };
}
