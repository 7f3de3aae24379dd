/**
 * Requests, one after the other: which operation, about which of the things that are there, with what in it. The same
 * for the same seed and answers.
 */
import type { Chance } from './chance.ts';
import type { Described, Description } from './description.ts';
import { HINTS, NOUNS, type Hint } from './nouns.ts';
import { oddBody } from './oddities.ts';
import type { Things } from './things.ts';
import { ValueMaker, type Json } from './values.ts';

export interface Request {
  /** Of the operation. */
  readonly key: string;
  readonly method: string;
  /** Below `/api`, with names in place of ids, as in the body. */
  readonly path: string;
  /** As it is sent; `null`: none. */
  readonly body: string | null;
  /** What is not as described; `null`: nothing. */
  readonly odd: string | null;
  readonly hint: Hint;
  /** Which rows it answers depends on their order. */
  readonly isPart: boolean;
}

const ODD_SHARE = 0.4;
const NOWHERE: Hint = {};

export class Generator {
  readonly #chance: Chance;
  readonly #things: Things;
  readonly #values: ValueMaker;
  readonly #operations: readonly Described[];

  constructor(chance: Chance, things: Things, { operations, schemas }: Description) {
    this.#chance = chance;
    this.#things = things;
    this.#values = new ValueMaker(chance, schemas, things);
    this.#operations = operations.filter(({ path }) => nounOf(path) !== null);
  }

  next(): Request {
    const operation = this.#chance.weighted(this.#operations, ({ key }) => HINTS[key]?.weight ?? 1);
    const { key, method } = operation;
    const hint = HINTS[key] ?? NOWHERE;
    const path = this.#path(operation) + this.#query(operation);
    if (operation.body === null) return { key, method, path, body: null, odd: null, hint, isPart: false };
    const made = this.#values.make(operation.body, { field: '', owner: '', depth: 0 });
    const plain = hint.body ? hint.body(this.#chance, made as Readonly<Record<string, Json>>) : made;
    const odd = this.#chance.is(ODD_SHARE) ? oddBody(this.#chance, plain) : null;
    const { limit, offset, page } = plain as { readonly limit?: Json; readonly offset?: Json; readonly page?: Json };
    const isPart =
      [limit, offset, page].some((part) => part !== undefined && part !== 200) ||
      /"(?:limit|offset|page)"/.test(odd?.body ?? '');
    return { key, method, path, body: odd?.body ?? JSON.stringify(plain), odd: odd?.what ?? null, hint, isPart };
  }

  #path({ path }: Described): string {
    const noun = nounOf(path) as string;
    return path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
      if (this.#chance.is(0.03)) return this.#chance.of(['not-a-uuid', '%20', '0', '%C3%BC']);
      switch (name) {
        case 'id':
          return this.#things.one(noun);
        case 'id_or_name':
          return this.#chance.is(0.5) ? this.#things.one(noun) : this.#name();
        case 'lease_id':
          return this.#things.one('lease');
        case 'countable':
          return this.#chance.of(['day', 'time', 'event', 'resource']);
        default:
          return this.#name();
      }
    });
  }

  #name(): string {
    return encodeURIComponent(this.#chance.of(['one', 'two', 'three', 'four-4', 'ächt', 'nobody', 'secret', 'se ven']));
  }

  #query({ query }: Described): string {
    const given = query.filter(({ isRequired }) => this.#chance.is(isRequired ? 0.95 : 0.5));
    if (given.length === 0) return '';
    return `?${given.map(({ name, schema }) => `${name}=${encode(this.#values.make(schema, { field: name, owner: '', depth: 0 }))}`).join('&')}`;
  }
}

/** The names of things are read before an address is sent. */
function encode(value: Json): string {
  return typeof value === 'string' && value.startsWith('⟦') ? value : encodeURIComponent(String(value));
}

/** `null`: not asked about. */
function nounOf(path: string): string | null {
  const beginning = Object.keys(NOUNS)
    .filter((one) => path.startsWith(one) || path === one.replace(/\/$/, ''))
    .sort((a, b) => b.length - a.length)[0];
  return beginning === undefined ? null : (NOUNS[beginning] as string);
}
