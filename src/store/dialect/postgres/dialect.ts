/** SQL that PostgreSQL writes in its own way, for the logic in `store/logic`. */

import type { Dialect, ListKind } from '../../driver.ts';

const ARRAYS: Readonly<Record<ListKind, string>> = { id: 'uuid[]', text: 'text[]', number: 'bigint[]' };

export const postgresDialect: Dialect = {
  countsUp: true,
  isOneOf: (column, kind) => `${column} = ANY(CAST(? AS ${ARRAYS[kind]}))`,
  list,
  elements: (json, alias) => `json_array_elements(CAST(${json} AS json)) AS ${alias}(value)`,
  texts: (json, alias) => `json_array_elements_text(CAST(${json} AS json)) AS ${alias}(value)`,
  jsonText,
  occursIn: (part, text) => `strpos(${text}, ${part}) > 0`,
};

/** An array literal for PostgreSQL. */
export function list(kind: ListKind, values: readonly (string | number)[]): string {
  if (kind !== 'text') return `{${values.join(',')}}`;
  return `{${values.map((value) => `"${String(value).replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`;
}

/** `json`, not `jsonb`: the text is stored as it was written, and may contain what `jsonb` refuses. */
export function jsonText(json: string, path: readonly string[]): string {
  const names = path.map((name) => `"${name}"`).join(',');
  return `(CAST(${json} AS json) #>> '{${names}}')`;
}
