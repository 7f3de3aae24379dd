/**
 * Whether the value has one of our marks, by which it is recognised whichever loaded copy of the package made it;
 * `instanceof` only knows its own copy.
 *
 * Never throws: a value may be a proxy whose traps throw.
 */
export function hasMark(value: unknown, mark: symbol): boolean {
  try {
    return typeof value === 'object' && value !== null && mark in value;
  } catch {
    return false;
  }
}
