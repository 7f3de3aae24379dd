/** The SQL function, registered on each connection, that folds the case of all letters: SQLite's own `lower` knows ASCII only. */
export const FOLD_CASE = 'fold_case';

export function foldCase(text: unknown): string | null {
  return text === null ? null : String(text).toLowerCase();
}
