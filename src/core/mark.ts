/**
 * Marks by which a value of ours is known, whichever copy of the package made it. `instanceof` would only know its own copy's.
 *
 * Never throws: a value may be a proxy that does not let itself be asked.
 */
export function hasMark(value: unknown, mark: symbol): boolean {
  try {
    return typeof value === 'object' && value !== null && mark in value;
  } catch {
    return false;
  }
}
