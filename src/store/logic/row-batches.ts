/** Many rows in one statement, for a database that costs a round trip. */

import type { Statements, Value, Work } from '../driver.ts';

/** Rows in one statement, largest first: few texts to prepare, whatever the number of rows. */
const SIZES = [64, 16, 4, 1];

/**
 * @param statement the statement around its rows; it may return rows
 * @param rows of equal width
 */
export function* insertRows<Row>(
  db: Statements,
  statement: (rows: string) => string,
  rows: readonly (readonly Value[])[],
): Work<readonly Row[]> {
  const answers: Row[] = [];
  const row = `(${rows[0]?.map(() => '?').join(', ') ?? ''})`;
  let at = 0;
  for (const size of SIZES) {
    const sql = rows.length - at < size ? '' : statement(Array<string>(size).fill(row).join(', '));
    for (; rows.length - at >= size; at += size)
      answers.push(...(yield* db.all<Row>(sql, ...rows.slice(at, at + size).flat())));
  }
  return answers;
}
