/**
 * Name of the SQL function, registered on each connection, that folds the case of all letters: SQLite's own `lower`
 * only knows ASCII.
 */
export const FOLD_CASE = 'fold_case';

export function foldCase(text: unknown): string | null {
  return text === null ? null : String(text).toLowerCase();
}
