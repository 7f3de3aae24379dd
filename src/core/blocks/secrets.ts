/**
 * Which values of a block document are secret. Two things tell:
 *
 * 1. The paths of `secret_fields`, which Prefect's client collects from the types of the fields: `account.password`. They say
 *    nothing of the lists and dictionaries on the way (`accounts: list[Account]` has the path `accounts.password`), so these
 *    are looked through. `*` stands for any key.
 * 2. The schema itself, where a secret is `"format": "password"` or `"writeOnly": true`, through lists, dictionaries,
 *    alternatives and references.
 *
 * What cannot be told within a bound is secret: a schema of 50,000 alternatives must not make anybody wait, nor show anything.
 */

import { OstinatoError } from '../errors.ts';
import { isRecord, type JsonRecord } from './json.ts';

/** Stands for a secret, whatever its length. */
export const MASK = '********';

/** Looks at parts of a schema for parts of the values: some ten times those of the largest document that anybody needs. */
const LOOKS_MAX = 1_000_000;
const PATHS_MAX = 1000;

interface PathNode {
  readonly next: Map<string, PathNode>;
  isEnd: boolean;
}

/** What may be said of the value at one place. */
interface Rules {
  /** Those that reached this place, and go on. */
  readonly paths: readonly PathNode[];
  readonly schemas: ReadonlySet<JsonRecord>;
}

/** Given where nothing can be looked at any more: all is secret then. */
const NO_RULES: Rules = { paths: [], schemas: new Set() };

type Change = (secret: unknown, current: unknown) => unknown;

export class SecretRules {
  readonly #fields: JsonRecord;
  readonly #root: PathNode = { next: new Map(), isEnd: false };
  readonly #isAllSecret: boolean;
  #looksLeft = 0;

  /** @param fields of the block's schema; anything else tells of no secret */
  constructor(fields: unknown) {
    this.#fields = isRecord(fields) ? fields : {};
    const paths = this.#fields['secret_fields'];
    const texts = Array.isArray(paths) ? paths.filter((path): path is string => typeof path === 'string') : [];
    this.#isAllSecret = texts.length > PATHS_MAX;
    if (!this.#isAllSecret) for (const text of texts) this.#addPath(text);
  }

  #addPath(text: string): void {
    let node = this.#root;
    for (const part of text.split('.')) {
      let next = node.next.get(part);
      if (next === undefined) node.next.set(part, (next = { next: new Map(), isEnd: false }));
      node = next;
    }
    node.isEnd = true;
  }

  /** The values with every secret masked; what is `null` stays so. */
  masked(data: JsonRecord): JsonRecord {
    return this.#change(data, data, (secret) => (secret === null ? null : MASK));
  }

  /**
   * The values with every mask that stands where a secret belongs taken back: who sends one has not seen the secret.
   *
   * @throws `bad-request` where it cannot be told which element of a list a mask was shown for
   */
  unmasked(data: JsonRecord, current: JsonRecord): JsonRecord {
    return this.#change(data, current, (sent, known) => (sent === MASK && known !== undefined ? known : sent));
  }

  /** Without the fields that have secrets in them, for those who may not even know that there are some. */
  withoutSecrets(data: JsonRecord): JsonRecord {
    return Object.fromEntries(Object.entries(data).filter(([key, value]) => {
      if (this.#isAllSecret || this.#root.next.has(key) || this.#root.next.has('*')) return false;
      let isOpen = true;
      const field = { [key]: value };
      this.#change(field, field, (secret) => ((isOpen = false), secret));
      return isOpen;
    }));
  }

  #change(data: JsonRecord, current: JsonRecord, change: Change): JsonRecord {
    this.#looksLeft = LOOKS_MAX;
    return this.#members(data, current, { paths: [this.#root], schemas: this.#reached([this.#fields]) }, change);
  }

  #value(value: unknown, current: unknown, rules: Rules, change: Change): unknown {
    if (this.#isSecret(value, rules)) return change(value, current);
    if (rules.paths.length === 0 && rules.schemas.size === 0) return value;
    if (Array.isArray(value)) return this.#items(value as unknown[], Array.isArray(current) ? (current as unknown[]) : [], rules, change);
    return isRecord(value) ? this.#members(value, isRecord(current) ? current : {}, rules, change) : value;
  }

  #isSecret(value: unknown, { paths, schemas }: Rules): boolean {
    if (this.#isAllSecret || this.#looksLeft <= 0) return true;
    this.#looksLeft -= schemas.size;
    for (const schema of schemas) if (schema['format'] === 'password' || schema['writeOnly'] === true) return true;
    const isLeaf = typeof value !== 'object' || value === null;
    // A path that goes on to any key where there are no more keys: what is there is secret as a whole.
    return paths.some(({ isEnd, next }) => isEnd || (isLeaf && next.has('*')));
  }

  #members(data: JsonRecord, current: JsonRecord, rules: Rules, change: Change): JsonRecord {
    return Object.fromEntries(Object.entries(data).map(([key, value]) =>
      [key, this.#value(value, Object.hasOwn(current, key) ? current[key] : undefined, this.#rulesOfMember(key, rules), change)]));
  }

  #rulesOfMember(key: string, { paths, schemas }: Rules): Rules {
    if (this.#looksLeft <= 0) return NO_RULES;
    const reached: PathNode[] = [];
    for (const node of paths) {
      this.#looksLeft -= 1;
      for (const part of [key, '*']) {
        const next = node.next.get(part);
        if (next !== undefined) reached.push(next);
      }
      // Below a field of the block, dictionaries are looked through.
      if (node !== this.#root) reached.push(node);
    }
    const parts: unknown[] = [];
    for (const { properties, patternProperties, additionalProperties } of schemas) {
      this.#looksLeft -= 1;
      if (isRecord(properties) && Object.hasOwn(properties, key)) parts.push(properties[key]);
      if (isRecord(patternProperties)) parts.push(...Object.values(patternProperties));
      parts.push(additionalProperties);
    }
    return { paths: reached, schemas: this.#reached(parts) };
  }

  /** With all that a schema stands for: what it refers to, and its alternatives. */
  #reached(parts: readonly unknown[]): ReadonlySet<JsonRecord> {
    const reached = new Set<JsonRecord>();
    const waiting = [...parts];
    for (let part = waiting.pop(); part !== undefined || waiting.length > 0; part = waiting.pop()) {
      if (!isRecord(part) || reached.has(part)) continue;
      this.#looksLeft -= 1;
      if (this.#looksLeft <= 0) break;
      reached.add(part);
      for (const key of ['anyOf', 'oneOf', 'allOf']) if (Array.isArray(part[key])) for (const one of part[key] as unknown[]) waiting.push(one);
      waiting.push(part['if'], part['then'], part['else']);
      if (typeof part['$ref'] === 'string') waiting.push(this.#definition(part['$ref']));
    }
    return reached;
  }

  #definition(reference: string): unknown {
    if (!reference.startsWith('#/')) return undefined;
    return reference.slice(2).split('/').reduce<unknown>((value, part) => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    }, this.#fields);
  }

  #items(items: readonly unknown[], current: readonly unknown[], rules: Rules, change: Change): unknown[] {
    const rulesOf = this.#rulesOfItems(rules);
    if (items === current) return items.map((item, index) => this.#value(item, item, rulesOf(index), change));
    const shown = (item: unknown, index: number): string => JSON.stringify(this.#value(item, item, rulesOf(index), (secret) => (secret === null ? null : MASK))) ?? '';
    const isMasked = items.map((item, index) => this.#hasMask(item, rulesOf(index)));
    const sources = isMasked.includes(true) ? sourcesOf(items.map(shown), current.map(shown)) : [];
    return items.map((item, index) => {
      const source = sources[index] ?? null;
      if (source === null && isMasked[index] === true) throw unclear(index);
      return this.#value(item, source === null ? undefined : current[source], rulesOf(index), change);
    });
  }

  /** Elements of a tuple have schemas of their own, those of other lists share one. */
  #rulesOfItems({ paths, schemas }: Rules): (index: number) => Rules {
    if (this.#looksLeft <= 0) return () => NO_RULES;
    const shared: unknown[] = [];
    const tuples: (readonly unknown[])[] = [];
    for (const { items, prefixItems, additionalItems, contains } of schemas) {
      this.#looksLeft -= 1;
      shared.push(additionalItems, contains);
      if (Array.isArray(items)) tuples.push(items);
      else shared.push(items);
      if (Array.isArray(prefixItems)) tuples.push(prefixItems);
    }
    const ofAll: Rules = { paths, schemas: this.#reached(shared) };
    if (tuples.length === 0) return () => ofAll;
    return (index) => (this.#looksLeft <= 0 ? NO_RULES : { paths, schemas: this.#reached([...shared, ...tuples.map((tuple) => tuple[index])]) });
  }

  /** Whether a mask stands where a secret belongs. */
  #hasMask(value: unknown, rules: Rules): boolean {
    let found = false;
    this.#value(value, value, rules, (secret) => ((found ||= secret === MASK), secret));
    return found;
  }
}

/**
 * For each element the one that it was shown for, by its place in the list as it is: one that looks the same, else the one in
 * the same place of a list that is as long. `null`: neither.
 */
function sourcesOf(sent: readonly string[], current: readonly string[]): readonly (number | null)[] {
  const sources = sent.map((text, index) => (current[index] === text ? index : null));
  const taken = new Set(sources);
  const places = new Map<string, number[]>();
  current.forEach((text, index) => {
    if (taken.has(index)) return;
    const alike = places.get(text);
    if (alike === undefined) places.set(text, [index]);
    else alike.push(index);
  });
  const found = sent.map((text, index) => sources[index] ?? places.get(text)?.pop() ?? null);
  const used = new Set(found);
  return found.map((source, index) => (source === null && sent.length === current.length && !used.has(index) ? index : source));
}

function unclear(index: number): OstinatoError {
  return new OstinatoError('bad-request', `Element ${index} of a list holds ${MASK} in place of a secret, and cannot be told from the others: which secret is meant is not known.`, {
    remedy: 'Send the secret itself.',
  });
}
