/** What programs send by mistake: one thing in a body that is otherwise as described. */
import type { Chance } from './chance.ts';
import type { Json } from './values.ts';

/** In the place of any value. */
const ODD: readonly Json[] = [
  null,
  null,
  null,
  '',
  0,
  -1,
  1,
  1.5,
  1e20,
  true,
  false,
  [],
  {},
  [null],
  { a: 1 },
  'text',
  ' padded ',
  '5',
  '1.0',
  'true',
  'NaN',
  '2026-01-01',
  '2026-01-01T00:00:00',
  1_767_225_600,
  1_767_225_600_123,
  '1767225600',
  'not-a-uuid',
  '0a1b2c3d4e5f40718293a4b5c6d7e8f9',
  '{0A1B2C3D-4E5F-4071-8293-A4B5C6D7E8F9}',
  '٣',
  'ß',
  'a/b',
  'a%b',
  'x'.repeat(300),
  'x'.repeat(1100),
];
/** In the place of a whole body, as it is written. */
const WHOLE_BODIES = [
  '',
  ' ',
  'null',
  '[]',
  '{}',
  '"text"',
  '5',
  'true',
  '[{}]',
  '{',
  '{"a":1,}',
  '{"limit":NaN}',
  '{"limit":1} x',
  "{'limit':1}",
  '\u{feff}{}',
  '{"limit":01}',
  '{"a":"\\x"}',
  '[1,2',
];

/** How a request differs from what is described; `null`: not at all. */
export interface Odd {
  readonly body: string;
  readonly what: string;
}

export function oddBody(chance: Chance, body: Json): Odd {
  if (chance.is(0.06)) {
    const whole = chance.of(WHOLE_BODIES);
    return { body: whole, what: 'another body' };
  }
  const [path, parent] = chance.of(places(body));
  const key = path.at(-1);
  if (parent === undefined || key === undefined || chance.is(0.1))
    return { body: JSON.stringify(withSurplus(body)), what: 'a field too many' };
  if (chance.is(0.12))
    return { body: JSON.stringify(changed(body, path, undefined)), what: `without ${path.join('.')}` };
  const odd = chance.of(ODD);
  return {
    body: JSON.stringify(changed(body, path, odd)),
    what: `${path.join('.')} = ${JSON.stringify(odd).slice(0, 60)}`,
  };
}

type Path = readonly (string | number)[];

function places(value: Json, path: Path = []): readonly (readonly [Path, Json | undefined])[] {
  if (typeof value !== 'object' || value === null) return [[path, path.length > 0 ? value : undefined]];
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [
    [path, path.length > 0 ? value : undefined],
    ...inner.flatMap(([key, part]) => places(part as Json, [...path, key])),
  ];
}

function withSurplus(body: Json): Json {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? { ...(body as Readonly<Record<string, Json>>), surplus: 1 }
    : body;
}

/** @param value `undefined`: it is left out */
function changed(body: Json, [key, ...rest]: Path, value: Json | undefined): Json {
  if (key === undefined) return value as Json;
  const within = (part: Json): readonly Json[] =>
    rest.length === 0 && value === undefined ? [] : [changed(part, rest, value)];
  if (Array.isArray(body)) return body.flatMap((part: Json, index) => (index === key ? within(part) : [part]));
  const members = Object.entries(body as Readonly<Record<string, Json>>);
  return Object.fromEntries(
    members.flatMap(([name, part]) => (name === key ? within(part) : [part]).map((kept) => [name, kept])),
  );
}
