/**
 * The control plane: whatever is made, read, changed and deleted beside runs, asked by the contracts of the API's
 * routes.
 *
 * One body for all servers: our own and Prefect's over HTTP, and the same operations in this process. A route's
 * contract gives the types of what is sent and answered. What is asked here is told at once or fails; who needs more
 * (a flow whose server is away) puts that around it.
 */

import type { RouteContract } from '../../contract/route.ts';
import type { Static, TSchema } from '../../contract/type.ts';
import { parseWire, wireText, type BothViews } from '../../contract/wire-json.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { FlowRunId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';

export interface ControlCall {
  readonly route: RouteContract;
  /** By their names in the route's path. */
  readonly params: Readonly<Record<string, string>>;
  /** What follows the path. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** JSON. */
  readonly body?: string | undefined;
  /** What must not be carried out twice: it is not repeated when it may have been carried out. */
  readonly once?: boolean | undefined;
  /** Statuses that are an answer, not a failure. */
  readonly expected?: readonly number[] | undefined;
}

export interface ControlAnswer {
  readonly status: number;
  /** JSON; empty where nothing is said. */
  readonly text: string;
}

/** Flow runs under two ids: ours, and one that the server made. */
export interface RunNames {
  remote(id: FlowRunId): Promise<string>;
  own(id: string): FlowRunId;
}

const SAME_NAMES: RunNames = { remote: (id) => Promise.resolve(id), own: (id) => id as FlowRunId };

/** Carries a call to whoever serves the routes, and its answer back. */
export interface ControlWire {
  /** Ours serves more than Prefect's: the routes below `/ostinato`. */
  readonly kind: 'ostinato' | 'prefect';
  /** Where the server has other ids of flow runs than this process. Default: it has the same. */
  readonly runNames?: RunNames;
  /** @throws what the server refuses, and what keeps it from answering */
  send(call: ControlCall): MaybePromise<ControlAnswer>;
}

type BodyOf<Route extends RouteContract> = Route['body'] extends TSchema ? Static<Route['body']> : undefined;
type AnswerOf<Answers> = {
  [Status in keyof Answers]: Answers[Status] extends TSchema ? Static<Answers[Status]> : null;
};
/** What a route answers with, whatever the status. */
export type AnsweredBy<Route extends RouteContract> =
  Route['answers'] extends Readonly<Record<number, TSchema | null>>
    ? AnswerOf<Route['answers']>[keyof Route['answers']]
    : unknown;

export interface Asked<Route extends RouteContract> extends Pick<ControlCall, 'once' | 'expected' | 'query'> {
  readonly params?: ControlCall['params'];
  readonly body?: BodyOf<Route>;
}

export interface Reply<Known> extends BothViews<Known> {
  readonly status: number;
}

export interface RowsWanted extends Partial<Pick<ControlCall, 'params'>> {
  readonly limit: number;
  readonly offset?: number | undefined;
}

type Item<List> = List extends readonly (infer Each)[] ? Each : never;

/** What the API answers at once, at most. */
export const PAGE_MAX = 200;

export class ControlPlane {
  readonly #wire: ControlWire;

  constructor(wire: ControlWire) {
    this.#wire = wire;
  }

  get kind(): ControlWire['kind'] {
    return this.#wire.kind;
  }

  get runNames(): RunNames {
    return this.#wire.runNames ?? SAME_NAMES;
  }

  async ask<const Route extends RouteContract>(
    route: Route,
    { params = {}, query, body, once, expected }: Asked<Route> = {},
  ): Promise<Reply<AnsweredBy<Route>>> {
    const sent = body === undefined ? undefined : wireText(body);
    const { status, text } = await this.#wire.send({ route, params, query, body: sent, once, expected });
    const { plain, exact } = text === '' ? NOTHING : parsed(text, route);
    return { status, plain: plain as AnsweredBy<Route>, exact: exact as AnsweredBy<Route> };
  }

  /** `null` when there is none. */
  async find<const Route extends RouteContract>(
    route: Route,
    params: ControlCall['params'],
    query?: ControlCall['query'],
  ): Promise<Reply<AnsweredBy<Route>> | null> {
    const reply = await this.ask(route, { params, query, expected: [404] });
    return reply.status === 404 ? null : reply;
  }

  /** Rows of a list, of as many pages as it takes. @param limit how many at most */
  async list<const Route extends RouteContract>(
    route: Route,
    body: BodyOf<Route>,
    { limit, offset = 0, params = {} }: RowsWanted,
  ): Promise<readonly BothViews<Item<AnsweredBy<Route>>>[]> {
    const rows: BothViews<Item<AnsweredBy<Route>>>[] = [];
    while (rows.length < limit) {
      const asked = Math.min(PAGE_MAX, limit - rows.length);
      const page = { ...(body as object), limit: asked, offset: offset + rows.length };
      const { plain, exact } = await this.ask(route, { params, body: page as BodyOf<Route> });
      if (!Array.isArray(plain) || !Array.isArray(exact)) throw unreadable(route, 'no list');
      for (const [index, row] of plain.entries())
        rows.push({ plain: row as Item<AnsweredBy<Route>>, exact: exact[index] as Item<AnsweredBy<Route>> });
      if (plain.length < asked) break;
    }
    return rows;
  }
}

const NOTHING = { plain: null, exact: null } as const;

function parsed(text: string, route: RouteContract): BothViews<unknown> {
  try {
    return parseWire(text);
  } catch (cause) {
    throw unreadable(route, `not JSON: ${text.slice(0, 200)}`, cause);
  }
}

function unreadable({ method, path }: RouteContract, what: string, cause?: unknown): OstinatoError {
  return new OstinatoError('bad-input', `${method} ${path} was answered with something that is ${what}`, {
    cause,
    remedy: 'Does OSTINATO_API_URL end with /api?',
  });
}

/** Whether a request failed that may have been carried out all the same. */
export function mayBeDone(error: unknown): boolean {
  return OstinatoError.is(error) && 'isAmbiguous' in error && error.isAmbiguous === true;
}

/** A path with its parameters. Halves of characters, which no address can have, are replaced as JSON's readers do. */
export function pathOf({ route, params, query }: ControlCall): string {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent((params[name] ?? '').toWellFormed()),
  );
  const entries = Object.entries(query ?? {}).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return entries.length === 0 ? path : `${path}?${entries.join('&')}`;
}
