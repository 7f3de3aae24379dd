/** Conditions as text with a `?` for each value, and how they are joined. */

import type { Value } from '../driver.ts';

export interface Clause {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** A statement has room for 32,766 values, and takes seconds to prepare with thousands: longer lists are one value. */
export const LIST_MAX = 100;

export const NEVER: Clause = { sql: '1 = 0', values: [] };

export function all(clauses: readonly Clause[]): Clause {
  return joined(clauses, ' AND ', '1 = 1');
}

export function any(clauses: readonly Clause[]): Clause {
  return joined(clauses, ' OR ', '1 = 0');
}

export function not({ sql, values }: Clause): Clause {
  return { sql: `NOT (${sql})`, values };
}

function joined(clauses: readonly Clause[], word: string, none: string): Clause {
  return {
    sql:
      clauses.length === 0
        ? none
        : balanced(
            clauses.map(({ sql }) => sql),
            word,
          ),
    values: clauses.flatMap(({ values }) => values),
  };
}

/** Longer chains are halved: SQLite nests a chain as deep as it is long, and has a limit of 1,000 for that. */
const CHAIN_MAX = 50;

function balanced(parts: readonly string[], word: string): string {
  if (parts.length <= CHAIN_MAX) return `(${parts.join(word)})`;
  const middle = Math.ceil(parts.length / 2);
  return `(${balanced(parts.slice(0, middle), word)}${word}${balanced(parts.slice(middle), word)})`;
}
