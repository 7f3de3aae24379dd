/**
 * What an address says behind its `?`: anybody may have typed it, shortened it, or kept it from an older version. Each
 * reader takes what makes sense and answers `undefined` for the rest, whatever it is; none of them throws. Pure.
 */

/** As much as the server compares with names; longer ones are no names. */
export const TEXT_MAX = 500;
/** More are not picked by hand. */
const TEXTS_MAX = 50;
/** The server counts microseconds since 1970 exactly until 2255. */
const [YEAR_MIN, YEAR_MAX] = [1970, 2200];

/** Text of one line; numbers and truth values are read as they were typed. Of several the first that is one. */
export function textIn(value: unknown): string | undefined {
  return textsIn(value)?.[0];
}

/** None twice, in their order; `undefined` for none. */
export function textsIn(value: unknown): readonly string[] | undefined {
  const said = (Array.isArray(value) ? value : [value])
    .slice(0, TEXTS_MAX * 10)
    .filter((item) => ['string', 'number', 'boolean'].includes(typeof item))
    .map(String);
  const texts = [...new Set(said)]
    .filter((text) => text !== '' && text.length <= TEXT_MAX && !/\p{Cc}/u.test(text))
    .slice(0, TEXTS_MAX);
  return texts.length === 0 ? undefined : texts;
}

export function oneIn<Known extends string | number>(value: unknown, known: readonly Known[]): Known | undefined {
  return known.find((one) => one === value);
}

/** In the order in which they are known. */
export function manyIn<Known extends string>(value: unknown, known: readonly Known[]): readonly Known[] | undefined {
  const said = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const found = known.filter((one) => said.includes(one));
  return found.length === 0 ? undefined : found;
}

/** A whole number of at least `least`; what is larger than `most` is `most`. */
export function wholeIn(value: unknown, least: number, most: number): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= least ? Math.min(value, most) : undefined;
}

/** A point in time as RFC 3339 writes it, or a day; as it was written. */
export function instantIn(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?$/.test(value))
    return undefined;
  const year = new Date(value).getUTCFullYear();
  return year >= YEAR_MIN && year < YEAR_MAX ? value : undefined;
}

/** An id in the form in which the server keeps it, also from one without dashes or in capitals. */
export function idIn(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.test(value))
    return undefined;
  const digits = value.replaceAll('-', '').toLowerCase();
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
    '-',
  );
}

/** Without what is not said. */
export function said<Values extends object>(
  values: Values,
): { readonly [Key in keyof Values]?: Exclude<Values[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

export type RawSearch = Readonly<Record<string, unknown>>;

/**
 * For a route. The router lays what a route understands over what the address says: what it does not understand must be
 * said to be nothing, or else it would be handed to the page.
 */
export function searchOf<Search extends object>(parse: (raw: RawSearch) => Search): (raw: RawSearch) => Search {
  return (raw) => {
    const nothing = Object.fromEntries(Object.keys(raw).map((key) => [key, undefined]));
    return { ...nothing, ...parse(raw) };
  };
}

/** The key of a part of the page that has the same fields as another one: `level` of the part `task` is `taskLevel`. */
export function scopedKey(scope: string, key: string): string {
  return scope === '' ? key : scope + key[0]?.toUpperCase() + key.slice(1);
}

/** Reads the fields of a part of the page. */
export function scopedSearch<Search extends object>(
  scope: string,
  parse: (raw: RawSearch) => Search,
): (raw: RawSearch) => Readonly<Record<string, unknown>> {
  return (raw) => {
    const own = Object.fromEntries(
      Object.entries(raw).flatMap(([key, value]) => (isOf(scope, key) ? [[unscoped(scope, key), value]] : [])),
    );
    return Object.fromEntries(Object.entries(parse(own)).map(([key, value]) => [scopedKey(scope, key), value]));
  };
}

function isOf(scope: string, key: string): boolean {
  return key.startsWith(scope) && /^[A-Z]/.test(key.slice(scope.length));
}

function unscoped(scope: string, key: string): string {
  const rest = key.slice(scope.length);
  return rest[0]?.toLowerCase() + rest.slice(1);
}
