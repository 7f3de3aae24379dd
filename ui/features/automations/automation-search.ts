/** What the addresses of the pages of automations say. Pure. */
import { idIn, oneIn, said, textIn, wholeIn, type RawSearch } from '../../components/search-values.ts';

/** What a new automation can begin with, by its name in the address. */
export const TEMPLATE_NAMES = ['failure', 'absence', 'stuck'] as const;
export type TemplateName = (typeof TEMPLATE_NAMES)[number];

export interface AutomationListSearch {
  readonly name?: string;
  readonly show?: 'on' | 'off';
  readonly sort?: 'newest' | 'changed';
  readonly page?: number;
}

/** Further on nobody pages; a list that has fewer shows its last page. */
const PAGE_MAX = 1_000_000;

export function parseAutomationListSearch(raw: RawSearch): AutomationListSearch {
  return said({
    name: textIn(raw['name']),
    show: oneIn(raw['show'], ['on', 'off']),
    sort: oneIn(raw['sort'], ['newest', 'changed']),
    page: wholeIn(raw['page'], 2, PAGE_MAX),
  });
}

export type AutomationView = 'firings' | 'rule' | 'details';

export interface AutomationSearch {
  readonly view?: Exclude<AutomationView, 'firings'>;
}

export function parseAutomationSearch(raw: RawSearch): AutomationSearch {
  return said({ view: oneIn(raw['view'], ['rule', 'details']) });
}

/** What a new one begins with. */
export interface NewAutomationSearch {
  readonly template?: TemplateName;
  /** The id of an event: one that the next like it sets off. */
  readonly event?: string;
  /** The id of an automation: a copy of it. */
  readonly from?: string;
}

export function parseNewAutomationSearch(raw: RawSearch): NewAutomationSearch {
  return said({ template: oneIn(raw['template'], TEMPLATE_NAMES), event: idIn(raw['event']), from: idIn(raw['from']) });
}
