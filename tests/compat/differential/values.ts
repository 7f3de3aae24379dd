/**
 * Values that a schema of Prefect's description takes: few different ones, so that what is made is also found, filtered
 * and met again.
 */
import type { Chance } from './chance.ts';
import type { Schema } from './description.ts';
import type { Things } from './things.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const NAMES = [
  'one',
  'two',
  'three',
  'four-4',
  'five_5',
  'Six',
  'se ven',
  'ächt',
  '九',
  'ten😀',
  'e.l.e.v.e.n',
  '100%',
];
const PLAIN_NAMES = ['one', 'two', 'three', 'four-4', 'five-5', 'six', 'seven', '8'];
const TAGS = ['red', 'green', 'blau ', 'Red', '', 'γ'];
const TEXTS = ['', 'text', 'Text', 'with "quotes" and \\', 'ünïcödé 😀', '%', '_', 'a\nb', '5', 'true', 'null'];
/** Far from now, so that no clock matters: a service does not see them come due while the test runs. */
const PAST = [
  '2020-01-01T00:00:00Z',
  '2020-02-29T12:30:00.123456+02:00',
  '2024-06-01T00:00:00',
  '2024-06-01 00:00:00Z',
  '2025-12-31T23:59:59.999999Z',
];
const FUTURE = ['2035-01-01T00:00:00Z', '2036-02-29T12:30:00.5-07:00', '2040-12-31T23:59:59.999999+00:00'];
const WHOLE = [0, 1, 2, 3, 7, 10, 50, 200];
const ANY: readonly Json[] = [
  null,
  true,
  0,
  1.5,
  'text',
  [],
  [1, 'a', null],
  {},
  { a: { b: [1.0, 'ü'] } },
  { __type: 'x' },
];

/** What a text is, by the field that it stands in. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  key: PLAIN_NAMES,
  slug: PLAIN_NAMES,
  version: ['1', '2', 'non-versioned'],
  object: ['flow', 'run'],
  operation: ['equals', 'like'],
  dynamic_key: ['0', '1', '2', '3', 'x'],
  task_key: ['extract', 'load-1a2b3c', 'flow:child'],
  idempotency_key: ['once', 'twice'],
  cache_key: ['cached'],
  pause_key: ['p', 'q'],
  tag: PLAIN_NAMES,
  prefix: ['', 'o', 't'],
  sender: ['somebody'],
  event: ['thing.made', 'thing.changed', 'other'],
  like_: ['', 'o', 'T', '%', '_', 'ä'],
  logger: ['prefect', 'one'],
  logo_url: ['http://localhost/logo.png'],
  documentation_url: ['http://localhost/docs'],
  'prefect.resource.id': ['thing.1', 'thing.2'],
  'prefect.resource.role': ['part', 'flow'],
  query: ['thing', 'made -other', 'o'],
  type: ['markdown', 'table', 'result', 'x'],
  role: ['part', 'flow'],
  any_: [...PLAIN_NAMES, ...NAMES],
  all_: TAGS,
  startswith_: ['o', 't'],
};
const LISTS: Readonly<Record<string, readonly string[]>> = {
  tags: TAGS,
  names: PLAIN_NAMES,
  capabilities: ['read', 'write'],
  pause_keys: ['p'],
  id_prefix: ['thing', 'prefect.flow-run.'],
  resources_in_roles: PLAIN_NAMES,
  exclude_keys: PLAIN_NAMES,
};

const NUMBERS: Readonly<Record<string, readonly number[]>> = {
  history_interval_seconds: [86_400 * 365, 86_400 * 30, 3600, 0.5],
  level: [0, 10, 20, 40, 55],
  lease_duration: [60, 300, 86_400],
  time_interval: [1, 2.5, 0.01],
  limit: [0, 1, 3, 50, 200],
  offset: [0, 0, 0, 1, 1000],
  page: [1, 1, 2, 100],
  slots: [1, 1, 2, 5],
  concurrency_limit: [0, 1, 2, 10],
  retry_delay: [0, 5],
};

export interface Place {
  /** The nearest name above: of a field, or of the list that it stands in. */
  readonly field: string;
  /** The schema that has the field. */
  readonly owner: string;
  readonly depth: number;
}

export class ValueMaker {
  readonly #chance: Chance;
  readonly #schemas: Readonly<Record<string, Schema>>;
  readonly #things: Things;

  constructor(chance: Chance, schemas: Readonly<Record<string, Schema>>, things: Things) {
    this.#chance = chance;
    this.#schemas = schemas;
    this.#things = things;
  }

  make(schema: Schema, place: Place): Json {
    const chance = this.#chance;
    if (schema.$ref !== undefined) {
      const owner = schema.$ref.split('/').at(-1) as string;
      return this.make(this.#schemas[owner] as Schema, { ...place, owner });
    }
    if (schema.anyOf) {
      const parts = schema.anyOf.filter((part) => part.type !== 'null');
      return parts.length < schema.anyOf.length && chance.is(0.08) ? null : this.make(chance.of(parts), place);
    }
    if (schema.enum) return chance.of(schema.enum) as Json;
    if (schema.const !== undefined) return schema.const as Json;
    switch (schema.type) {
      case 'string':
        return this.#text(schema, place);
      case 'integer':
      case 'number':
        return this.#number(schema, place);
      case 'boolean':
        return chance.is(0.5);
      case 'array':
        return this.#list(schema, place);
      case 'object':
        return schema.properties ? this.#object(schema, place) : this.#map(schema, place);
      default:
        return chance.of(ANY);
    }
  }

  #text({ format }: Schema, { field, owner }: Place): Json {
    const chance = this.#chance;
    if (format === 'uuid') return this.#things.id(field, owner);
    if (format === 'date-time')
      return chance.of(
        /^(?:scheduled_time|pause_timeout|cache_expiration)$/.test(field) ? FUTURE : [...PAST, ...FUTURE],
      );
    if (field === 'name')
      return chance.of(/^(?:Variable|Concurrency|BlockType|BlockDocument)/.test(owner) ? PLAIN_NAMES : NAMES);
    return chance.of(FIELDS[field] ?? TEXTS);
  }

  #number({ minimum, maximum, exclusiveMinimum }: Schema, { field }: Place): Json {
    const least = minimum ?? (exclusiveMinimum === undefined ? -Infinity : exclusiveMinimum + 1e-9);
    const most = maximum ?? Infinity;
    const fit = [...(NUMBERS[field] ?? WHOLE), minimum, maximum].filter(
      (number): number is number => number !== undefined && number >= least && number <= most,
    );
    return this.#chance.of(fit.length > 0 ? fit : [least]);
  }

  #list({ items = {}, prefixItems }: Schema, place: Place): Json {
    if (prefixItems) return prefixItems.map((item) => this.make(item, place));
    const choices = items.type === 'string' && items.format === undefined ? LISTS[place.field] : undefined;
    const length = this.#chance.of([0, 1, 1, 2, 3]);
    return Array.from({ length }, () =>
      choices ? this.#chance.of(choices) : this.make(items, { ...place, depth: place.depth + 1 }),
    );
  }

  /** Deeper objects have fewer of the fields that may be left out: most conditions find something. */
  #object({ properties = {}, required = [] }: Schema, { owner, depth }: Place): Json {
    const share = [0.5, 0.3, 0.4, 0.6][depth] ?? 0.5;
    const members = Object.entries(properties).filter(([name]) => required.includes(name) || this.#chance.is(share));
    return Object.fromEntries(
      members.map(([field, part]) => [field, this.make(part, { field, owner, depth: depth + 1 })]),
    );
  }

  #map({ additionalProperties }: Schema, { field, depth }: Place): Json {
    const value = typeof additionalProperties === 'object' ? additionalProperties : {};
    const keys = this.#chance.of([[], ['a'], ['a', 'b'], ['ключ', '']]);
    const base = Object.fromEntries(
      keys.map((key) => [key, this.make(value, { field: 'value', owner: '', depth: depth + 1 })]),
    );
    if (field !== 'resource' && field !== 'related') return base;
    return { ...base, 'prefect.resource.id': this.#chance.of(['thing.1', 'thing.2']), 'prefect.resource.role': 'part' };
  }
}
