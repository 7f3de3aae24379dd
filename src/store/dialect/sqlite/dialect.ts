/** SQL that SQLite writes in its own way, for the logic in `store/logic`. */

import type { Dialect, ListKind } from '../../driver.ts';

const each = (json: string, alias: string): string => `json_each(${json}) AS ${alias}`;

/** A list is bound as one value, so that a statement is prepared once for lists of all lengths. */
export const sqliteDialect: Dialect = {
  countsUp: false,
  isOneOf: (column, kind) => `${column} IN (SELECT ${kind === 'id' ? 'unhex(value)' : 'value'} FROM json_each(?))`,
  list: (kind: ListKind, values) =>
    JSON.stringify(kind === 'id' ? values.map((id) => String(id).replaceAll('-', '')) : values),
  elements: each,
  texts: each,
  jsonText: (json, path) => `${json} ->> '$${path.map((name) => `."${name}"`).join('')}'`,
  occursIn: (part, text) => `instr(${text}, ${part}) > 0`,
};
