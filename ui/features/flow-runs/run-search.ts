/** What the address of the runs list says. Pure. */
import type { FlowRunSort } from '../../api/flow-runs.ts';
import { STATE_TYPES, type StateType } from '../../api/states.ts';
import {
  idIn,
  instantIn,
  manyIn,
  oneIn,
  said,
  textIn,
  textsIn,
  wholeIn,
  type RawSearch,
} from '../../components/search-values.ts';
import { SPANS, type Span } from './spans.ts';

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
  readonly sort?: RunOrder;
  readonly page?: number;
}

/** Orders of the list, the plain one first. */
export const RUN_ORDERS = {
  newest: { label: 'Newest first', sort: 'EXPECTED_START_TIME_DESC' },
  oldest: { label: 'Oldest first', sort: 'EXPECTED_START_TIME_ASC' },
  ended: { label: 'Last ended first', sort: 'END_TIME_DESC' },
  name: { label: 'By name', sort: 'NAME_ASC' },
} as const satisfies Record<string, { readonly label: string; readonly sort: FlowRunSort }>;
export type RunOrder = keyof typeof RUN_ORDERS;

export const DEFAULT_SPAN: Span = '7d';
export const DEFAULT_ORDER: RunOrder = 'newest';
export const PAGE_SIZE = 50;
/** Further on nobody pages; a list that has fewer shows its last page. */
export const PAGE_MAX = 1_000_000;

/** Takes what makes sense of an address that anybody may have typed. */
export function parseRunSearch(raw: RawSearch): RunSearch {
  const span = oneIn(raw['span'], Object.keys(SPANS) as Span[]);
  const sort = oneIn(raw['sort'], Object.keys(RUN_ORDERS) as RunOrder[]);
  return said({
    name: textIn(raw['name']),
    states: manyIn(raw['states'], STATE_TYPES),
    flow: idIn(raw['flow']),
    tags: textsIn(raw['tags']),
    span: span === DEFAULT_SPAN ? undefined : span,
    ...windowIn(raw),
    subflows: raw['subflows'] === true ? true : undefined,
    sort: sort === DEFAULT_ORDER ? undefined : sort,
    page: wholeIn(raw['page'], 2, PAGE_MAX),
  });
}

/** Both ends, in this order, or none. */
function windowIn(raw: RawSearch): { readonly from?: string; readonly to?: string } {
  const [from, to] = [instantIn(raw['from']), instantIn(raw['to'])];
  return from !== undefined && to !== undefined && Date.parse(from) < Date.parse(to) ? { from, to } : {};
}

/** Whether anything but the window narrows the list. */
export function isNarrowed({ name, states, flow, tags }: RunSearch): boolean {
  return name !== undefined || states !== undefined || flow !== undefined || tags !== undefined;
}
