/**
 * One operation of the API as data: the handlers in `api/` are bound to it, the OpenAPI document is made from it, and
 * bodies are checked against its schemas.
 */

import { Type, type TSchema } from './type.ts';

import type { BodyLimits } from './json-bounds.ts';
import { Nullable, Whole } from './schema/scalars.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface RouteContract {
  readonly method: Method;
  /**
   * Below `/api`, parameters in braces: `/flow_runs/{id}/set_state`. A trailing slash is accepted or not, whatever
   * stands here.
   */
  readonly path: string;
  /** Unique; the OpenAPI `operationId`. */
  readonly name: string;
  /** The noun under which the documentation lists it. */
  readonly tag: string;
  readonly summary: string;
  /**
   * `open`: answered without the secret of the server. `link`: so is what a link leads to that says by itself who may
   * follow it, from wherever; it has no body. Default: closed.
   */
  readonly access?: 'open' | 'link';
  /**
   * Answered whatever version of the protocol a client says that it speaks. Default: only to those whose version is
   * served.
   */
  readonly isOfAnyVersion?: true;
  /**
   * Schemas of path parameters; `id` is a UUID unless said otherwise, and a 404 when it is none. Of others, a value
   * that does not fit is a 422.
   */
  readonly params?: Readonly<Record<string, TSchema>>;
  /** Schemas of query parameters; values arrive as text and are converted. */
  readonly query?: Readonly<Record<string, TSchema>>;
  /** Absent: a body is ignored. */
  readonly body?: TSchema;
  /** An absent body is read as `{}` (Prefect's clients leave empty filters out). Default `false`. */
  readonly isBodyOptional?: boolean;
  /** Default `PLAIN_BODY`. */
  readonly bodyLimits?: BodyLimits;
  /** By status; `null`: no body. Default `{ 200: Json }`. */
  readonly answers?: Readonly<Record<number, TSchema | null>>;
  /** Of an answer that is no JSON, for instance `text/csv`. */
  readonly answerType?: string;
}

/** Optional and nullable: clients send `null` for what they leave out. */
export function Maybe<Schema extends TSchema>(schema: Schema) {
  return Type.Optional(Nullable(schema));
}

/** Bodies of actions: a field that is not known is a mistake of the caller (422). */
export function Action<Properties extends Record<string, TSchema>>(
  properties: Properties,
  words: { readonly title?: string } = {},
) {
  return Type.Object(properties, { additionalProperties: false, ...words });
}

const PARTS = new WeakSet<object>();

/** Bodies of lists: parts side by side; unknown parts are ignored, as Prefect does. */
export function Parts<Properties extends Record<string, TSchema>>(properties: Properties) {
  const schema = Type.Object(properties);
  PARTS.add(schema);
  return schema;
}

/**
 * Whether the body is made of parts, each of which is looked at by itself: one that is `null` is missing, or has its
 * default.
 */
export function isParts(schema: TSchema): boolean {
  return PARTS.has(schema);
}

export const LIMIT_MAX = 200;
export const LIMIT_DEFAULT = LIMIT_MAX;
/** How many rows at most: 0…200, default 200. */
export const Limit = Maybe(Whole({ minimum: 0, maximum: LIMIT_MAX }));
export const Offset = Maybe(Whole({ minimum: 0 }));
/** A point in time as clients write it: RFC 3339 with `T` or a space, any fraction, any offset or none (UTC). */
export const TimeIn = Type.String({ format: 'lenient-date-time' });
export const UuidIn = Type.String({ format: 'any-uuid' });
