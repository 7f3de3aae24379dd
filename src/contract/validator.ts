/**
 * Whether a value fits a schema, and what is wrong when it does not: the part of JSON Schema that the contracts use, as
 * functions that call each other. A keyword that is not known here is refused when the schema is compiled, never
 * ignored.
 *
 * Lengths count code points, as Pydantic's do.
 */

import { isUuid } from '../core/ids.ts';
import { parseInstant } from '../core/time.ts';
import type { TSchema } from './type.ts';

/** One thing that is wrong, by the keyword of the schema. */
export interface Mismatch {
  readonly keyword: string;
  /** Keys and positions, from the value that was checked. */
  readonly path: readonly (string | number)[];
  /** What the keyword asks for, for instance `string` of `type`; of an object with members of its own, `model`. */
  readonly fact: unknown;
  /** Of the schema: what the value is called. */
  readonly title?: string | undefined;
  readonly input: unknown;
}

type Path = readonly (string | number)[];
type Report = (mismatch: Mismatch) => void;
/** With a report, says all that is wrong; without, stops at the first. */
type Test = (value: unknown, report: Report | null, path: Path) => boolean;
type Facts = Readonly<Record<string, unknown>>;

export interface Validator {
  fits(value: unknown): boolean;
  /** What is wrong, up to `most` sentences. */
  mismatches(value: unknown, most: number): Mismatch[];
}

/** @throws Error for a keyword or a type that is not known: a mistake in a contract */
export function compile(schema: TSchema): Validator {
  const test = new Compiler().compile(schema as unknown as Facts);
  return {
    fits: (value) => test(value, null, ROOT),
    mismatches(value, most) {
      const found: Mismatch[] = [];
      const report: Report = (mismatch) => {
        found.push(mismatch);
        // A list of 100,000 that are all wrong is not gone through to its end.
        if (found.length >= most) throw ENOUGH;
      };
      try {
        test(value, report, ROOT);
      } catch (thrown) {
        if (thrown !== ENOUGH) throw thrown;
      }
      return found;
    },
  };
}

const ENOUGH = Symbol('enough mismatches');
const ROOT: Path = Object.freeze([]);

/** Words about a value, not tests of it. */
const ANNOTATIONS: ReadonlySet<string> = new Set(['title', 'description', 'default', 'examples', '$id', '$defs']);

class Compiler {
  readonly #definitions = new Map<string, { test: Test | null }>();

  compile(schema: Facts): Test {
    for (const [name, definition] of Object.entries((schema['$defs'] ?? {}) as Readonly<Record<string, Facts>>)) {
      const entry: { test: Test | null } = { test: null };
      this.#definitions.set(name, entry);
      entry.test = this.compile(definition);
    }
    const tests: Test[] = [];
    for (const [keyword, fact] of Object.entries(schema)) {
      if (ANNOTATIONS.has(keyword)) continue;
      const test = this.#testOf(keyword, fact, schema);
      if (test !== null) tests.push(test);
    }
    return allOf(tests);
  }

  #testOf(keyword: string, fact: unknown, schema: Facts): Test | null {
    switch (keyword) {
      case '$ref':
        return this.#reference(String(fact));
      case 'allOf':
        return allOf((fact as readonly Facts[]).map((part) => this.compile(part)));
      case 'properties':
        return properties(
          Object.entries(fact as Readonly<Record<string, Facts>>).map(([name, part]) => [name, this.compile(part)]),
        );
      case 'required':
        return required(fact as readonly string[]);
      case 'additionalProperties':
        return this.#others(fact as false | Facts, new Set(Object.keys((schema['properties'] ?? {}) as object)));
      case 'patternProperties':
        return this.#everyMember(fact as Readonly<Record<string, Facts>>);
      case 'items':
        return Array.isArray(fact)
          ? tuple(fact.map((part: Facts) => this.compile(part)))
          : items(this.compile(fact as Facts));
      // Says of a tuple what its items say.
      case 'additionalItems':
        return null;
      // Where there is one value, its kind says no more.
      case 'type':
        return 'const' in schema ? null : typeTest(fact, schema);
      case 'anyOf':
        return this.#anyOf(fact as readonly Facts[]);
      default:
        return LEAVES[keyword]?.(fact, schema['title'] as string | undefined) ?? unknownKeyword(keyword, fact);
    }
  }

  #anyOf(parts: readonly Facts[]): Test {
    // One of some values, not one of some schemas.
    if (parts.every((part) => 'const' in part)) {
      const values = parts.map((part) => part['const']);
      return leaf('enum', values, (value) => values.includes(value));
    }
    return anyOf(
      parts.map((part) => ({ test: this.compile(part), isNull: part['type'] === 'null', name: nameOf(part) })),
    );
  }

  #reference(name: string): Test {
    const definition = this.#definitions.get(name);
    if (definition === undefined) throw new Error(`A schema refers to ${name}, which it does not define.`);
    return (value, report, path) => (definition.test as Test)(value, report, path);
  }

  #everyMember(patterns: Readonly<Record<string, Facts>>): Test {
    const [pattern, part, ...others] = Object.entries(patterns).flat() as [string, Facts];
    if (pattern !== '^.*$' || others.length > 0)
      throw new Error(`A schema has members by pattern (${Object.keys(patterns).join(', ')}), not by any name.`);
    return this.#others(part, NONE);
  }

  /** `false`: there are none. */
  #others(fact: false | Facts, known: ReadonlySet<string>): Test {
    if (fact === false) return noOthers(known);
    const test = this.compile(fact);
    return (value, report, path) => {
      if (!isObject(value)) return true;
      let fits = true;
      for (const key of Object.keys(value)) {
        if (known.has(key) || test(value[key], report, report ? [...path, key] : path)) continue;
        if (report === null) return false;
        fits = false;
      }
      return fits;
    };
  }
}

const NONE: ReadonlySet<string> = new Set();

function unknownKeyword(keyword: string, fact: unknown): never {
  throw new Error(`A schema says ${keyword}: ${JSON.stringify(fact)}, which the validator does not know.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function allOf(tests: readonly Test[]): Test {
  if (tests.length === 1) return tests[0] as Test;
  return (value, report, path) => {
    let fits = true;
    for (const test of tests) {
      if (test(value, report, path)) continue;
      if (report === null) return false;
      fits = false;
    }
    return fits;
  };
}

/** As Pydantic names a part of a union, in the place of what is wrong with it. */
function nameOf(part: Facts): string {
  switch (part['type']) {
    case 'string':
      return 'str';
    case 'integer':
      return 'int';
    case 'number':
      return 'float';
    case 'boolean':
      return 'bool';
    case 'array':
      return `list[${nameOf(part['items'] as Facts)}]`;
    default:
      return String(part['title'] ?? part['type']);
  }
}

/**
 * What is wrong is told of each part, by its name; that it is not null either, only where nothing else may be there.
 */
function anyOf(parts: readonly { readonly test: Test; readonly isNull: boolean; readonly name: string }[]): Test {
  const spoken = parts.length > 1 ? parts.filter(({ isNull }) => !isNull) : parts;
  return (value, report, path) => {
    for (const { test } of parts) if (test(value, null, path)) return true;
    if (report !== null)
      for (const { test, name } of spoken) test(value, report, spoken.length > 1 ? [...path, name] : path);
    return false;
  };
}

function properties(entries: readonly (readonly [string, Test])[]): Test {
  return (value, report, path) => {
    if (!isObject(value)) return true;
    let fits = true;
    for (const [name, test] of entries) {
      if (!Object.hasOwn(value, name) || test(value[name], report, report ? [...path, name] : path)) continue;
      if (report === null) return false;
      fits = false;
    }
    return fits;
  };
}

function required(names: readonly string[]): Test {
  return (value, report, path) => {
    if (!isObject(value)) return true;
    const missing = names.filter((name) => !Object.hasOwn(value, name));
    for (const name of missing) report?.({ keyword: 'required', path: [...path, name], fact: name, input: value });
    return missing.length === 0;
  };
}

function noOthers(known: ReadonlySet<string>): Test {
  return (value, report, path) => {
    if (!isObject(value)) return true;
    let fits = true;
    for (const key of Object.keys(value)) {
      if (known.has(key)) continue;
      if (report === null) return false;
      report({ keyword: 'additionalProperties', path: [...path, key], fact: false, input: value[key] });
      fits = false;
    }
    return fits;
  };
}

function items(test: Test): Test {
  return (value, report, path) => {
    if (!Array.isArray(value)) return true;
    let fits = true;
    for (let index = 0; index < value.length; index += 1) {
      if (test(value[index], report, report ? [...path, index] : path)) continue;
      if (report === null) return false;
      fits = false;
    }
    return fits;
  };
}

function tuple(tests: readonly Test[]): Test {
  return (value, report, path) => {
    if (!Array.isArray(value)) return true;
    let fits = true;
    if (value.length > tests.length) {
      report?.({ keyword: 'maxItems', path, fact: tests.length, input: value });
      fits = false;
    }
    for (let index = 0; index < Math.min(value.length, tests.length); index += 1) {
      if (!(tests[index] as Test)(value[index], report, report ? [...path, index] : path)) fits = false;
    }
    return fits;
  };
}

/** A test that looks at the value alone. */
function leaf(keyword: string, fact: unknown, fits: (value: unknown) => boolean, title?: string): Test {
  return (value, report, path) => {
    if (fits(value)) return true;
    report?.({ keyword, path, fact, ...(title === undefined ? {} : { title }), input: value });
    return false;
  };
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => Number.isFinite(value),
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: (value) => Array.isArray(value),
  object: isObject,
};

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i;

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  uuid: isUuid,
  'any-uuid': isUuid,
  'date-time': (text) => RFC_3339.test(text) && parseInstant(text) !== null,
  'lenient-date-time': (text) => parseInstant(text) !== null,
};

/** Code points; counted only when it can matter, since no text has more of them than of JavaScript's units. */
function isLongerThan(text: string, most: number): boolean {
  if (text.length <= most) return false;
  let count = 0;
  for (const _ of text) if ((count += 1) > most) return true;
  return false;
}

type Leaf = (fact: unknown, title?: string) => Test;
const number =
  (keyword: string, fits: (value: number, limit: number) => boolean): Leaf =>
  (fact, title) =>
    leaf(keyword, fact, (value) => typeof value !== 'number' || fits(value, fact as number), title);
const size =
  <Of>(keyword: string, of: (value: unknown) => Of | null, fits: (sized: Of, limit: number) => boolean): Leaf =>
  (fact, title) =>
    leaf(
      keyword,
      fact,
      (value) => {
        const sized = of(value);
        return sized === null || fits(sized, fact as number);
      },
      title,
    );
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const listOf = (value: unknown): readonly unknown[] | null => (Array.isArray(value) ? value : null);
const membersOf = (value: unknown): readonly string[] | null => (isObject(value) ? Object.keys(value) : null);

const LEAVES: Readonly<Record<string, Leaf>> = {
  const: (fact) => leaf('const', fact, (value) => value === fact),
  enum: (fact) => leaf('enum', fact, (value) => (fact as readonly unknown[]).includes(value)),
  minimum: number('minimum', (value, limit) => value >= limit),
  maximum: number('maximum', (value, limit) => value <= limit),
  exclusiveMinimum: number('exclusiveMinimum', (value, limit) => value > limit),
  exclusiveMaximum: number('exclusiveMaximum', (value, limit) => value < limit),
  minLength: size('minLength', textOf, (text, limit) => limit <= 0 || isLongerThan(text, limit - 1)),
  maxLength: size('maxLength', textOf, (text, limit) => !isLongerThan(text, limit)),
  minItems: size('minItems', listOf, (list, limit) => list.length >= limit),
  maxItems: size('maxItems', listOf, (list, limit) => list.length <= limit),
  maxProperties: size('maxProperties', membersOf, (keys, limit) => keys.length <= limit),
  pattern(fact, title) {
    const pattern = new RegExp(String(fact), 'u');
    return leaf('pattern', fact, (value) => typeof value !== 'string' || pattern.test(value), title);
  },
  format(fact) {
    const fits = FORMATS[String(fact)];
    return fits === undefined
      ? unknownKeyword('format', fact)
      : leaf('format', fact, (value) => typeof value !== 'string' || fits(value));
  },
};

/** What a text of a format is called: who sends another kind of value hears of that. */
const FORMAT_NAMES: Readonly<Record<string, string>> = {
  uuid: 'uuid',
  'any-uuid': 'uuid',
  'date-time': 'datetime',
  'lenient-date-time': 'datetime',
};

/** One type, or one of some. */
function typeTest(type: unknown, schema: Facts): Test {
  const names = Array.isArray(type) ? type.map(String) : [String(type)];
  const types = names.map((name) => TYPES[name] ?? unknownKeyword('type', type));
  const fits =
    types.length === 1
      ? (types[0] as (value: unknown) => boolean)
      : (value: unknown) => types.some((one) => one(value));
  const called =
    type === 'object' && 'properties' in schema
      ? 'model'
      : type === 'string'
        ? (FORMAT_NAMES[String(schema['format'])] ?? type)
        : type;
  return leaf('type', called, fits);
}
