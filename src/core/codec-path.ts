/** The path of a part in a value, written as in the program: `result.rows[3].db`. */

/** A property name, an index, or a step that is neither (`text`, written as it is). */
export type PathSegment = string | number | { readonly text: string };

const PLAIN_NAME = /^[A-Za-z_$][\w$]*$/;
/** Characters; a key of a user's object may be a whole document. */
const NAME_CHARS_MAX = 60;

export function formatPath(root: string, segments: readonly PathSegment[]): string {
  return root + segments.map(formatSegment).join('');
}

function formatSegment(segment: PathSegment): string {
  if (typeof segment === 'number') return `[${segment}]`;
  if (typeof segment === 'object') return segment.text;
  return PLAIN_NAME.test(segment) ? `.${segment}` : `[${JSON.stringify(segment.slice(0, NAME_CHARS_MAX))}]`;
}

/** Path segment of an entry of a `Map`: its key when that is simple, else its index. */
export function mapSegment(key: unknown, index: number): PathSegment {
  const simple = typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean';
  return {
    text: simple
      ? `.get(${JSON.stringify(typeof key === 'string' ? key.slice(0, NAME_CHARS_MAX) : key)})`
      : `.entries[${index}]`,
  };
}
