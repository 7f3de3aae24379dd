/** What the addresses of the pages of deployments say. Pure. */
import { instantIn, oneIn, said, textIn, wholeIn, type RawSearch } from '../../components/search-values.ts';

export interface DeploymentSearch {
  /** Part of the name of the deployment, or of its flow. */
  readonly name?: string;
  readonly show?: 'active' | 'paused';
  readonly pool?: string;
  readonly sort?: 'newest' | 'changed';
  readonly page?: number;
}

/** Further on nobody pages; a list that has fewer shows its last page. */
const PAGE_MAX = 1_000_000;

export function parseDeploymentSearch(raw: RawSearch): DeploymentSearch {
  return said({
    name: textIn(raw['name']),
    show: oneIn(raw['show'], ['active', 'paused']),
    pool: textIn(raw['pool']),
    sort: oneIn(raw['sort'], ['newest', 'changed']),
    page: wholeIn(raw['page'], 2, PAGE_MAX),
  });
}

export type DeploymentView = 'runs' | 'schedules' | 'backfills' | 'history' | 'versions' | 'parameters' | 'details';

export interface DeploymentPageSearch {
  readonly view?: Exclude<DeploymentView, 'runs'>;
  /** Numbers of versions that are compared; left out: the deployment as it is. */
  readonly from?: number;
  readonly to?: number;
  /** Of the history: only what was due earlier. */
  readonly before?: string;
}

const VERSION_MAX = 1_000_000_000;

export function parseDeploymentPageSearch(raw: RawSearch): DeploymentPageSearch {
  return said({
    view: oneIn(raw['view'], ['schedules', 'backfills', 'history', 'versions', 'parameters', 'details']),
    from: wholeIn(raw['from'], 1, VERSION_MAX),
    to: wholeIn(raw['to'], 1, VERSION_MAX),
    before: instantIn(raw['before']),
  });
}
