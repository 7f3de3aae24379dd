/**
 * What each address understands behind its `?`: everything else means nothing there. A test hands all of them whatever
 * can be typed.
 */
import {
  parseAutomationListSearch,
  parseAutomationSearch,
  parseNewAutomationSearch,
} from '../features/automations/automation-search.ts';
import { parseDeploymentPageSearch, parseDeploymentSearch } from '../features/deployments/deployment-search.ts';
import { parseEventSearch } from '../features/events/event-search.ts';
import { parseRunPageSearch } from '../features/flow-runs/run-page-search.ts';
import { parseRunSearch } from '../features/flow-runs/run-search.ts';
import { parseFlowSearch } from '../features/flows/flow-search.ts';
import { parsePoolListSearch, parsePoolSearch } from '../features/work-pools/pool-search.ts';
import { parseTaskRunSearch } from '../features/task-runs/task-run-search.ts';
import { said, searchOf, textIn } from '../components/search-values.ts';

const nothing = searchOf(() => ({}));

export const SEARCHES = {
  '/': nothing,
  '/runs': searchOf(parseRunSearch),
  '/runs/flow-run/$id': searchOf(parseRunPageSearch),
  '/runs/task-run/$id': searchOf(parseTaskRunSearch),
  '/flows': searchOf(parseFlowSearch),
  '/flows/flow/$id': nothing,
  '/deployments': searchOf(parseDeploymentSearch),
  '/deployments/deployment/$id': searchOf(parseDeploymentPageSearch),
  '/work-pools': searchOf(parsePoolListSearch),
  '/work-pools/work-pool/$name': searchOf(parsePoolSearch),
  '/events': searchOf(parseEventSearch),
  '/automations': searchOf(parseAutomationListSearch),
  '/automations/automation/$id': searchOf(parseAutomationSearch),
  '/automations/create': searchOf(parseNewAutomationSearch),
  '/automations/automation/$id/edit': nothing,
  '/notification-channels': nothing,
  '/artifacts/artifact/$id': nothing,
  '/docs': searchOf((raw) => said({ q: textIn(raw['q']) })),
  '/$': nothing,
} as const;

/**
 * A value of an address: JSON only where it is a list, an object or in quotes. What looks like a number is text with
 * all its digits until a reader asks for a number, and `null` is a name like any other.
 */
export function parseAddressValue(text: string): unknown {
  if (!/^["[{]/.test(text)) throw new SyntaxError('not JSON');
  return JSON.parse(text);
}
