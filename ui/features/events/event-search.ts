/** What the address of the page of events says. Pure. */
import { idIn, instantIn, oneIn, said, textIn, wholeIn, type RawSearch } from '../../components/search-values.ts';
import { SPANS, type Span } from '../flow-runs/spans.ts';

/** Every field may be missing: an address says only what differs from the plain list. */
export interface EventSearch {
  /** Of the event, or its beginning; `*` stands for any text. */
  readonly name?: string;
  readonly resource?: string;
  readonly related?: string;
  readonly text?: string;
  readonly span?: Span;
  /** An absolute window; it wins over `span`. RFC 3339. */
  readonly from?: string;
  readonly to?: string;
  readonly page?: number;
  /** The id of one event, which is shown alone. */
  readonly event?: string;
}

export const EVENT_KEYS = ['name', 'resource', 'related', 'text', 'span', 'from', 'to', 'page', 'event'] as const;
export const DEFAULT_SPAN: Span = '24h';
/** Further on nobody pages; a list that has fewer shows its last page. */
const PAGE_MAX = 1_000_000;
/** As much as the server looks for. */
const WORDS_MAX = 200;

export function parseEventSearch(raw: RawSearch): EventSearch {
  const span = oneIn(raw['span'], Object.keys(SPANS) as Span[]);
  return said({
    name: textIn(raw['name']),
    resource: textIn(raw['resource']),
    related: textIn(raw['related']),
    text: textIn(raw['text'])?.slice(0, WORDS_MAX),
    span: span === DEFAULT_SPAN ? undefined : span,
    ...windowIn(raw),
    page: wholeIn(raw['page'], 2, PAGE_MAX),
    event: idIn(raw['event']),
  });
}

/** Both ends, in this order, or none. */
function windowIn(raw: RawSearch): { readonly from?: string; readonly to?: string } {
  const [from, to] = [instantIn(raw['from']), instantIn(raw['to'])];
  return from !== undefined && to !== undefined && Date.parse(from) < Date.parse(to) ? { from, to } : {};
}

/** Whether anything but the window narrows the list. */
export function isNarrowed({ name, resource, related, text, event }: EventSearch): boolean {
  return [name, resource, related, text, event].some((one) => one !== undefined);
}
