/** Where in a value the codec stands, in the words of the program that made it: `result.rows[3].db`. */

/** A property name, an index, or a step that is neither (`text`, written as it is). */
export type PathSegment = string | number | { readonly text: string };

const PLAIN_NAME = /^[A-Za-z_$][\w$]*$/;
/** A key of a user's object may be a whole document. */
const NAME_CHARS_MAX = 60;

export function formatPath(root: string, segments: readonly PathSegment[]): string {
  return root + segments.map(formatSegment).join('');
}

function formatSegment(segment: PathSegment): string {
  if (typeof segment === 'number') return `[${segment}]`;
  if (typeof segment === 'object') return segment.text;
  return PLAIN_NAME.test(segment) ? `.${segment}` : `[${JSON.stringify(segment.slice(0, NAME_CHARS_MAX))}]`;
}

/** How an entry of a `Map` is named: by its key when the key is simple, else by its place. */
export function mapSegment(key: unknown, index: number): PathSegment {
  const simple = typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean';
  return { text: simple ? `.get(${JSON.stringify(typeof key === 'string' ? key.slice(0, NAME_CHARS_MAX) : key)})` : `.entries[${index}]` };
}
