/**
 * Finds the secret values of a block document. They are declared in two ways:
 *
 * 1. By the paths of `secret_fields`, which Prefect's client collects from the types of the fields: `account.password`.
 *    The paths leave out lists and dictionaries on the way (`accounts: list[Account]` has the path
 *    `accounts.password`), so these are searched. `*` stands for any key.
 * 2. By the schema, where a secret is `"format": "password"` or `"writeOnly": true`, through lists, dictionaries,
 *    alternatives and references.
 *
 * When the bound on the search is exceeded, everything counts as secret: a schema of 50,000 alternatives must neither
 * make anybody wait nor reveal anything.
 */

import { OstinatoError } from '../errors.ts';
import { inWrittenOrder } from '../written-order.ts';
import { isRecord, type JsonRecord } from './json.ts';

/** Replaces a secret, whatever its length. */
export const MASK = '********';

/** Comparisons of a part of a schema with a part of the values; some ten times what the largest real document needs. */
const LOOKS_MAX = 1_000_000;
const PATHS_MAX = 1000;

interface PathNode {
  readonly next: Map<string, PathNode>;
  isEnd: boolean;
}

/** The rules that apply to the value at one place. */
interface Rules {
  /** Secret paths that reach this place, and may continue below it. */
  readonly paths: readonly PathNode[];
  readonly schemas: ReadonlySet<JsonRecord>;
}

/** Used beyond the bound: everything is secret. */
const NO_RULES: Rules = { paths: [], schemas: new Set() };

type Change = (secret: unknown, current: unknown) => unknown;

export class SecretRules {
  readonly #fields: JsonRecord;
  readonly #root: PathNode = { next: new Map(), isEnd: false };
  readonly #isAllSecret: boolean;
  #looksLeft = 0;

  /** @param fields of the block's schema; a value that is no schema declares no secrets */
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

  /** The values with every secret replaced by `MASK`; `null` stays. */
  masked(data: JsonRecord): JsonRecord {
    return this.#change(data, data, (secret) => (secret === null ? null : MASK));
  }

  /**
   * The values with the current secret in place of every mask: a client that sends a mask has not seen the secret.
   *
   * @throws `bad-request` when it is unclear which element of a list a mask was shown for
   */
  unmasked(data: JsonRecord, current: JsonRecord): JsonRecord {
    return this.#change(data, current, (sent, known) => (sent === MASK && known !== undefined ? known : sent));
  }

  /** The values without fields that contain secrets, for readers who may not even know that those exist. */
  withoutSecrets(data: JsonRecord): JsonRecord {
    return inWrittenOrder(
      Object.entries(data).filter(([key, value]) => {
        if (this.#isAllSecret || this.#root.next.has(key) || this.#root.next.has('*')) return false;
        let isOpen = true;
        const field = { [key]: value };
        this.#change(field, field, (secret) => ((isOpen = false), secret));
        return isOpen;
      }),
    );
  }

  #change(data: JsonRecord, current: JsonRecord, change: Change): JsonRecord {
    this.#looksLeft = LOOKS_MAX;
    return this.#members(data, current, { paths: [this.#root], schemas: this.#reached([this.#fields]) }, change);
  }

  #value(value: unknown, current: unknown, rules: Rules, change: Change): unknown {
    if (this.#isSecret(value, rules)) return change(value, current);
    if (rules.paths.length === 0 && rules.schemas.size === 0) return value;
    if (Array.isArray(value))
      return this.#items(value as unknown[], Array.isArray(current) ? (current as unknown[]) : [], rules, change);
    return isRecord(value) ? this.#members(value, isRecord(current) ? current : {}, rules, change) : value;
  }

  #isSecret(value: unknown, { paths, schemas }: Rules): boolean {
    if (this.#isAllSecret || this.#looksLeft <= 0) return true;
    this.#looksLeft -= schemas.size;
    for (const schema of schemas) if (schema['format'] === 'password' || schema['writeOnly'] === true) return true;
    const isLeaf = typeof value !== 'object' || value === null;
    // A path that continues with any key, at a value without keys: the whole value is secret.
    return paths.some(({ isEnd, next }) => isEnd || (isLeaf && next.has('*')));
  }

  #members(data: JsonRecord, current: JsonRecord, rules: Rules, change: Change): JsonRecord {
    return inWrittenOrder(
      Object.entries(data).map(([key, value]) => [
        key,
        this.#value(
          value,
          Object.hasOwn(current, key) ? current[key] : undefined,
          this.#rulesOfMember(key, rules),
          change,
        ),
      ]),
    );
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
      // Below a field of the block, paths pass through dictionaries.
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

  /** The schemas with everything that they stand for: references and alternatives. */
  #reached(parts: readonly unknown[]): ReadonlySet<JsonRecord> {
    const reached = new Set<JsonRecord>();
    const waiting = [...parts];
    for (let part = waiting.pop(); part !== undefined || waiting.length > 0; part = waiting.pop()) {
      if (!isRecord(part) || reached.has(part)) continue;
      this.#looksLeft -= 1;
      if (this.#looksLeft <= 0) break;
      reached.add(part);
      for (const key of ['anyOf', 'oneOf', 'allOf'])
        if (Array.isArray(part[key])) for (const one of part[key] as unknown[]) waiting.push(one);
      waiting.push(part['if'], part['then'], part['else']);
      if (typeof part['$ref'] === 'string') waiting.push(this.#definition(part['$ref']));
    }
    return reached;
  }

  #definition(reference: string): unknown {
    if (!reference.startsWith('#/')) return undefined;
    return reference
      .slice(2)
      .split('/')
      .reduce<unknown>((value, part) => {
        const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
        return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
      }, this.#fields);
  }

  #items(items: readonly unknown[], current: readonly unknown[], rules: Rules, change: Change): unknown[] {
    const rulesOf = this.#rulesOfItems(rules);
    if (items === current) return items.map((item, index) => this.#value(item, item, rulesOf(index), change));
    const shown = (item: unknown, index: number): string =>
      JSON.stringify(this.#value(item, item, rulesOf(index), (secret) => (secret === null ? null : MASK))) ?? '';
    const isMasked = items.map((item, index) => this.#hasMask(item, rulesOf(index)));
    const sources = isMasked.includes(true) ? sourcesOf(items.map(shown), current.map(shown)) : [];
    return items.map((item, index) => {
      const source = sources[index] ?? null;
      if (source === null && isMasked[index] === true) throw unclear(index);
      return this.#value(item, source === null ? undefined : current[source], rulesOf(index), change);
    });
  }

  /** Elements of a tuple have a schema each, those of other lists share one. */
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
    return (index) =>
      this.#looksLeft <= 0
        ? NO_RULES
        : { paths, schemas: this.#reached([...shared, ...tuples.map((tuple) => tuple[index])]) };
  }

  /** Whether a mask lies where a secret belongs. */
  #hasMask(value: unknown, rules: Rules): boolean {
    let found = false;
    this.#value(value, value, rules, (secret) => ((found ||= secret === MASK), secret));
    return found;
  }
}

/**
 * For each sent element the index of the current element that its mask was shown for: one that looks the same, else the
 * one at the same index if the lists have equal length. `null`: neither.
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
  return found.map((source, index) =>
    source === null && sent.length === current.length && !used.has(index) ? index : source,
  );
}

function unclear(index: number): OstinatoError {
  return new OstinatoError(
    'bad-request',
    `Element ${index} of a list holds ${MASK} in place of a secret, and cannot be told from the others: which secret is meant is not known.`,
    { remedy: 'Send the secret itself.' },
  );
}
