/**
 * Objects whose members stay in the order in which somebody wrote them.
 *
 * JavaScript puts names that look like indices (`"1"`) before all others, whatever was written; programs in other
 * languages see the order of what they sent. Where the two differ, the object is a proxy that names its members in the
 * written order, so that `JSON.stringify`, `Object.entries` and `for … in` follow it. A copy by spreading loses it: use
 * `inWrittenOrder` again. Without such a name these are plain objects.
 */

export type Member = readonly [name: string, value: unknown];

/** Of several members of one name the last one's value counts, at the first one's place. */
export function inWrittenOrder(members: readonly Member[]): Record<string, unknown> {
  const record = Object.fromEntries(members);
  if (!members.some(([name]) => isIndex(name))) return record;
  const names = [...new Set(members.map(([name]) => name))];
  if (Object.keys(record).every((name, at) => name === names[at])) return record;
  const written = new Set<string | symbol>(names);
  return new Proxy(record, {
    // What is added or deleted later on has its effect.
    ownKeys: (target) => [
      ...names.filter((name) => Object.hasOwn(target, name)),
      ...Reflect.ownKeys(target).filter((name) => !written.has(name)),
    ],
  });
}

/** The largest index has ten digits. */
export function isIndex(name: string): boolean {
  return name.length <= 10 && /^(?:0|[1-9]\d*)$/.test(name);
}

/** Whether a text of JSON may have such a name. Errs on text inside strings: that costs time only. */
export function mayHaveIndex(json: string): boolean {
  return INDEX.test(json);
}
const INDEX = /"(?:0|[1-9]\d{0,9})"\s*:/;

/** A string; one that is a name with what comes up to its colon. */
const STRINGS = /"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?/g;

/** The same JSON with a letter before every name: no name is an index then. */
export function withoutIndices(json: string): string {
  return json.replaceAll(STRINGS, (all, inside: string, colon: string | undefined) =>
    colon === undefined ? all : `"n${inside}"${colon}`,
  );
}

/** An object of what `withoutIndices` made, under the names that were written. */
export function withIndices(record: object): Record<string, unknown> {
  return inWrittenOrder(Object.entries(record).map(([name, value]) => [name.slice(1), value]));
}
