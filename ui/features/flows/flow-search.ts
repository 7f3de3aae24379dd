/** What the address of the page of flows says. Pure. */
import { said, textIn, type RawSearch } from '../../components/search-values.ts';

export interface FlowSearch {
  readonly name?: string;
  /** More than the first of them. */
  readonly more?: true;
}

export function parseFlowSearch(raw: RawSearch): FlowSearch {
  return said({ name: textIn(raw['name']), more: raw['more'] === true ? (true as const) : undefined });
}
