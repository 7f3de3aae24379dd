/** The input and output of a handler. */

import type { Readable } from 'node:stream';
import type { Static, TSchema } from '../contract/type.ts';

import type { RouteContract } from '../contract/route.ts';
import { OstinatoError } from '../core/errors.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';

/** Prefix of every path of the API. */
export const API_PREFIX = '/api';

type BodyOf<Contract extends RouteContract> = Contract['body'] extends TSchema ? Static<Contract['body']> : undefined;
type ValuesOf<Schemas> =
  Schemas extends Readonly<Record<string, TSchema>>
    ? { readonly [Key in keyof Schemas]: Static<Schemas[Key]> }
    : Readonly<Record<string, string>>;

export interface Call<Contract extends RouteContract = RouteContract> {
  /** Path parameters; ids in lower case. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Contract['query'] extends undefined ? Readonly<Record<string, never>> : ValuesOf<Contract['query']>;
  /** Validated, with plain numbers. */
  readonly body: BodyOf<Contract>;
  /** The same body with exact numbers, for users' JSON. */
  readonly exact: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** For instance `http://127.0.0.1:4200`: base of links in answers. */
  readonly origin: string;
}

export interface Answer {
  readonly status: number;
  /** Encoded by `wireText`; absent: no body. */
  readonly body?: unknown;
  /** A body that is not JSON, or is encoded already, with its content type. */
  readonly text?: { readonly content: string | Uint8Array | Readable; readonly type: string };
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Operation {
  readonly contract: RouteContract;
  readonly handle: (call: Call) => MaybePromise<Answer>;
}

/** Binds a handler to its contract, whose schemas give the handler's types. */
export function operation<const Contract extends RouteContract>(
  contract: Contract,
  handle: (call: Call<Contract>) => MaybePromise<Answer>,
): Operation {
  return { contract, handle: handle as unknown as Operation['handle'] };
}

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

/** 200, with encoded JSON in a buffer of its own, which is freed when it is sent. */
export function json(content: Uint8Array): Answer {
  return { status: 200, text: { content, type: 'application/json' } };
}

export function created(body: unknown): Answer {
  return { status: 201, body };
}

export const NO_CONTENT: Answer = Object.freeze({ status: 204 });

/** @throws `not-found` for `null`: "Flow run not found". @param end as Prefect's server ends the sentence there */
export function found<T>(entity: T | null, what: string, end: '.' | '' = ''): T {
  if (entity === null) throw new OstinatoError('not-found', `${what} not found${end}`);
  return entity;
}
