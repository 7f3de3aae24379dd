/** The table of contents of the nouns that have one file in the store. */

import type { Database } from '../driver.ts';
import { automation } from './automation.ts';
import { backfill } from './backfill.ts';
import { flowRunInput } from './flow-run-input.ts';
import { savedSearch } from './saved-search.ts';
import { variable } from './variable.ts';

/** By their names in `core/query.ts`. */
export const TABLES = {
  automation: automation.table,
  backfill: backfill.table,
  flow_run_input: flowRunInput.table,
  saved_search: savedSearch.table,
  variable: variable.table,
};

/** What a row is read by. */
export const READERS = {
  automation: automation.read,
  backfill: backfill.read,
  flow_run_input: flowRunInput.read,
  saved_search: savedSearch.read,
  variable: variable.read,
};

/** The port's methods that write. */
export const WRITES = [
  ...automation.writes,
  ...flowRunInput.writes,
  ...savedSearch.writes,
  ...variable.writes,
] as const;

/** The port's methods. */
export function nounsOn(database: Database) {
  return { ...flowRunInput.on(database), ...savedSearch.on(database), ...variable.on(database) };
}
