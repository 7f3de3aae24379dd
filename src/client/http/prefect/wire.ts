/** Shared by the parts of the Prefect client: requests, and answers of which some parts belong to users. */

import { parseWire, wireText } from '../../../contract/wire-json.ts';
import { OstinatoError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/time.ts';
import type { IdSource } from '../../../core/ids.ts';
import type { ResultStore } from '../../port.ts';
import type { Ask, Method, Transport } from '../transport.ts';
import { list, object, type Wire } from './fields.ts';
import { PAGE_MAX } from './lists.ts';

export interface PrefectParts {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Parameters too large for a row lie there; the server gets them in full. */
  readonly results: ResultStore;
  /** How long one request is retried, in milliseconds. */
  readonly patienceMs: number;
}

/** The same object twice: with JavaScript's numbers, and with exact ones. */
export interface Entity {
  readonly plain: Wire;
  readonly exact: Wire;
}

interface Positioned extends Entity {
  readonly position: number;
}

export interface Reply extends Entity {
  readonly status: number;
}

/** Most pages that one list is read in. */
const PAGES_MAX = 1000;

export class PrefectWire {
  readonly #transport: Transport;
  readonly #patienceMs: number;

  constructor({ transport, patienceMs }: PrefectParts) {
    this.#transport = transport;
    this.#patienceMs = patienceMs;
  }

  async ask(
    method: Method,
    path: string,
    body?: unknown,
    { expected, once }: Pick<Ask, 'expected' | 'once'> = {},
  ): Promise<Reply> {
    const { status, text } = await this.#transport.send({
      method,
      path,
      body: body === undefined ? undefined : wireText(body),
      patienceMs: this.#patienceMs,
      expected,
      once,
    });
    const { plain, exact } = text === '' ? { plain: null, exact: null } : read(text, path);
    return { status, plain: object(plain), exact: object(exact) };
  }

  /** `null` on 404. */
  async find(path: string): Promise<Entity | null> {
    const reply = await this.ask('GET', path, undefined, { expected: [404] });
    return reply.status === 404 ? null : reply;
  }

  async count(path: string, body: object): Promise<number> {
    const { text } = await this.#transport.send({
      method: 'POST',
      path,
      body: wireText(body),
      patienceMs: this.#patienceMs,
    });
    return Number(text);
  }

  async list(method: Method, path: string, body?: object): Promise<readonly Entity[]> {
    const { text } = await this.#transport.send({
      method,
      path,
      body: body === undefined ? undefined : wireText(body),
      patienceMs: this.#patienceMs,
    });
    const { plain, exact } = read(text, path);
    const exactItems = list(exact);
    return list(plain).map((item, index) => ({ plain: object(item), exact: object(exactItems[index]) }));
  }

  /**
   * Reads from `offset` until `limit` rows satisfy `wanted`; returns them, each with its position among all (1 is the
   * first), and the offset of the next page.
   */
  async pages(
    path: string,
    body: object,
    {
      offset,
      limit,
      wanted,
    }: { readonly offset: number; readonly limit: number; readonly wanted?: (entity: Entity) => boolean },
  ): Promise<{ readonly rows: readonly Positioned[]; readonly next: number }> {
    const rows: Positioned[] = [];
    let next = offset;
    for (let page = 0; page < PAGES_MAX && rows.length < limit; page += 1) {
      const asked = wanted ? PAGE_MAX : Math.min(PAGE_MAX, limit - rows.length);
      const found = await this.list('POST', path, { ...body, limit: asked, offset: next });
      for (const entity of found) {
        if (rows.length === limit) break;
        next += 1;
        if (wanted === undefined || wanted(entity)) rows.push({ ...entity, position: next });
      }
      if (found.length < asked) break;
    }
    return { rows, next };
  }
}

function read(text: string, path: string): { readonly plain: unknown; readonly exact: unknown } {
  try {
    return parseWire(text);
  } catch (cause) {
    throw new OstinatoError(
      'bad-input',
      `${path} was answered with something that is not JSON: ${text.slice(0, 200)}`,
      { cause, remedy: 'Does OSTINATO_API_URL end with /api?' },
    );
  }
}
