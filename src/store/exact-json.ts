/** JSON is stored as `JSON.stringify` writes it, except numbers that were sent otherwise. */

/** Whether the value is equal to the stored text: no `1.0`, no integer too large for a JavaScript number. */
export function isExact(value: unknown, text: string): boolean {
  return typeof value === 'string' || value === null || typeof value === 'boolean' || JSON.stringify(value) === text;
}
