/**
 * Requests to one server: headers, sign-in, time limits, and patience that ends.
 *
 * 1. A request ends: each try after `timeoutSeconds`, all tries together after their patience and one more try.
 * 2. What may pass (no connection, 408, 429, 5xx) is `server-unavailable`, with the pause that the server asked for;
 *    what will never succeed is another code. Whether a request that failed was carried out is not known: callers
 *    repeat only what is safe to repeat.
 */

import { BY_HEADER, STORE_HEADER } from '../../contract/own/routes.ts';
import { bytesToBase64 } from '../../core/codec-bytes.ts';
import { ERROR_CODES, OstinatoError, type ErrorCode } from '../../core/errors.ts';
import type { IdSource } from '../../core/ids.ts';
import { sleep, type Clock } from '../../core/time.ts';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface TransportParts {
  /** For instance `http://127.0.0.1:4200/api`. */
  readonly apiUrl: string;
  /** `user:password` for basic authentication. */
  readonly authString: string | null;
  /** Sent as a bearer token. */
  readonly apiKey: string | null;
  /** Seconds, for one try. */
  readonly timeoutSeconds: number;
  /** The version of this package. */
  readonly version: string;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Who asks, `somebody@machine`: told by what is paused. */
  readonly by?: string | undefined;
  /** Draws 0 ≤ x < 1. */
  readonly random: () => number;
  readonly fetch: Fetch;
  /** Called with the store id in each answer of our own server: it identifies one opening of a database. */
  readonly onStore?: (store: string) => void;
}

export interface Ask {
  readonly method: Method;
  /** Path below the API's URL, for instance `/flow_runs/`. */
  readonly path: string;
  /** JSON text, sent as it is. */
  readonly body?: string | undefined;
  /** Milliseconds of retrying temporary failures; default 0: one try. */
  readonly patienceMs?: number | undefined;
  /** The request must not be carried out twice: it is not repeated when it may have been carried out. */
  readonly once?: boolean | undefined;
  /** Statuses that count as an answer instead of an error. */
  readonly expected?: readonly number[] | undefined;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 2_000;
/** API version that we send; Prefect's servers require it. */
const API_VERSION = '0.8.4';
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** The server cannot answer now. Has the pause that it asked for, and whether it may have carried the request out. */
export class Unavailable extends OstinatoError {
  /** `null`: the server asked for no pause. */
  readonly retryAfterMs: number | null;
  /** `null` when no answer came at all. */
  readonly status: number | null;
  /** The request may have been carried out all the same. */
  readonly isAmbiguous: boolean;

  constructor(
    message: string,
    facts: {
      readonly status: number | null;
      readonly retryAfterMs: number | null;
      readonly isAmbiguous: boolean;
      readonly cause?: unknown;
    },
  ) {
    super('server-unavailable', message, {
      cause: facts.cause,
      remedy: 'Is the server running, and is OSTINATO_API_URL right?',
    });
    this.status = facts.status;
    this.retryAfterMs = facts.retryAfterMs;
    this.isAmbiguous = facts.isAmbiguous;
  }
}

export class Transport {
  readonly #parts: TransportParts;
  readonly #client: string;
  #csrf: string | null = null;

  constructor(parts: TransportParts) {
    this.#parts = parts;
    this.#client = parts.ids.next();
  }

  get apiUrl(): string {
    return this.#parts.apiUrl;
  }

  /**
   * @throws `server-unavailable`, `access-denied`, `not-found`, `conflict`, `bad-input`, and codes that our server
   * names
   */
  async send(ask: Ask): Promise<Answer> {
    const { clock, random } = this.#parts;
    const startedAt = clock.now();
    for (let pauseMs = RETRY_MS_MIN; ; pauseMs = Math.min(RETRY_MS_MAX, pauseMs * 2)) {
      try {
        return await this.#signedIn(ask);
      } catch (error) {
        if (!(error instanceof Unavailable) || (ask.once === true && error.isAmbiguous)) throw error;
        const leftMs = (ask.patienceMs ?? 0) - (clock.now() - startedAt) / 1000;
        const waitMs = error.retryAfterMs ?? pauseMs * (0.5 + random());
        if (waitMs > leftMs) throw error;
        await sleep(clock, waitMs);
      }
    }
  }

  /**
   * The answer's JSON; `null` for an empty one.
   *
   * @param parse what reads it: one that keeps the digits of users' numbers, where they are shown
   */
  async json(ask: Ask, parse: (text: string) => unknown = JSON.parse): Promise<unknown> {
    return parseAnswer(await this.send(ask), ask, parse);
  }

  /** One try, and a second one when the server asks for a CSRF token. */
  async #signedIn(ask: Ask): Promise<Answer> {
    const first = await this.#try(ask);
    if (first.status !== 403 || !/csrf|client identifier/i.test(first.text)) return this.#checked(ask, first);
    this.#csrf = await this.#fetchToken();
    return this.#checked(ask, await this.#try(ask));
  }

  async #fetchToken(): Promise<string | null> {
    const { status, text } = await this.#try({ method: 'GET', path: `/csrf-token?client=${this.#client}` });
    return status === 200 ? (JSON.parse(text) as { readonly token: string }).token : null;
  }

  async #try(ask: Ask): Promise<Answer & { readonly retryAfter: string | null }> {
    const { apiUrl, clock, fetch, timeoutSeconds } = this.#parts;
    const stop = new AbortController();
    const timer = clock.setTimer(
      timeoutSeconds * 1000,
      () => stop.abort(new Error(`no answer within ${timeoutSeconds} s`)),
      { unref: false },
    );
    try {
      const response = await fetch(`${apiUrl}${ask.path}`, {
        method: ask.method,
        headers: this.#headers(ask),
        signal: stop.signal,
        redirect: 'follow',
        ...(ask.body === undefined ? {} : { body: ask.body }),
      });
      const store = response.headers.get(STORE_HEADER);
      if (store !== null) this.#parts.onStore?.(store);
      return { status: response.status, text: await response.text(), retryAfter: response.headers.get('retry-after') };
    } catch (error) {
      throw unreachable(apiUrl, error);
    } finally {
      timer.cancel();
    }
  }

  #headers({ method, body }: Ask): Record<string, string> {
    const { by, authString, apiKey, version } = this.#parts;
    const headers: Record<string, string> = {
      'user-agent': `ostinato/${version} (API ${API_VERSION})`,
      'x-prefect-api-version': API_VERSION,
      accept: 'application/json',
    };
    if (by !== undefined) headers[BY_HEADER] = encodeURIComponent(by);
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (authString !== null) headers['authorization'] = `Basic ${bytesToBase64(new TextEncoder().encode(authString))}`;
    else if (apiKey !== null) headers['authorization'] = `Bearer ${apiKey}`;
    if (method !== 'GET' && this.#csrf !== null) {
      headers['prefect-csrf-token'] = this.#csrf;
      headers['prefect-csrf-client'] = this.#client;
    }
    return headers;
  }

  #checked({ method, path, expected }: Ask, answer: Answer & { readonly retryAfter: string | null }): Answer {
    const { status, text, retryAfter } = answer;
    if ((status >= 200 && status < 300) || expected?.includes(status) === true) return answer;
    const what = `${method} ${this.#parts.apiUrl}${path.split('?')[0]} was answered with ${status}: ${explanationIn(text)}`;
    if (PASSING.has(status))
      throw new Unavailable(what, {
        status,
        retryAfterMs: pauseAsked(retryAfter),
        isAmbiguous: status === 408 || status >= 502,
      });
    throw named(text) ?? refusal(status, what);
  }
}

/** Error codes of connections that failed before the request was sent. */
const BEFORE_THE_REQUEST = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function unreachable(apiUrl: string, error: unknown): Unavailable {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { readonly code?: unknown }).code;
  const why = cause instanceof Error && cause.message !== '' ? cause.message : String(code ?? cause);
  return new Unavailable(`The server at ${apiUrl} does not answer: ${why}.`, {
    status: null,
    retryAfterMs: null,
    isAmbiguous: !BEFORE_THE_REQUEST.has(String(code)),
    cause: error,
  });
}

/** Milliseconds from a number of seconds; `null` for a date, which is not supported: then our own pause is used. */
function pauseAsked(retryAfter: string | null): number | null {
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}

const EXPLANATION_CHARS_MAX = 500;

function explanationIn(text: string): string {
  const { detail, exception_message: said, message, exception_detail: where } = jsonObject(text);
  const words = [detail, message, said].find((part) => typeof part === 'string');
  const problems = [where, detail].find((part) => Array.isArray(part));
  const more = problems === undefined ? '' : ` ${problems.map(problemIn).join('; ')}`;
  return `${typeof words === 'string' ? words : text}${more}`.slice(0, EXPLANATION_CHARS_MAX);
}

/** One of a list of what is wrong with a request: a place in its body, and why. */
function problemIn(problem: unknown): string {
  const { loc, msg } = (problem ?? {}) as { readonly loc?: unknown; readonly msg?: unknown };
  if (!Array.isArray(loc) || typeof msg !== 'string') return JSON.stringify(problem);
  const place = loc.filter((part, index) => index > 0 || part !== 'body').join('.');
  return place === '' ? msg : `${place}: ${msg}`;
}

/** The error that our own server named, with its code; `null` for other answers. */
function named(text: string): OstinatoError | null {
  const { code, message, detail, remedy } = jsonObject(text);
  if (typeof code !== 'string' || !Object.hasOwn(ERROR_CODES, code)) return null;
  return new OstinatoError(code as ErrorCode, String(message ?? detail), {
    remedy: typeof remedy === 'string' ? remedy : '',
  });
}

function refusal(status: number, what: string): OstinatoError {
  if (status === 401 || status === 403)
    return new OstinatoError('access-denied', what, {
      remedy: 'Set OSTINATO_API_AUTH_STRING to the USER:PASSWORD that the server asks for.',
    });
  if (status === 404) return new OstinatoError('not-found', what);
  if (status === 409) return new OstinatoError('conflict', what);
  if (status === 422) return new OstinatoError('bad-input', what, { remedy: 'Write what is named there otherwise.' });
  return new OstinatoError(status === 405 || status === 501 ? 'unsupported' : 'bad-input', what, {
    remedy: 'Does OSTINATO_API_URL end with /api, and is the server as new as this program?',
  });
}

function jsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function parseAnswer({ text }: Answer, { method, path }: Ask, parse: (text: string) => unknown): unknown {
  if (text === '') return null;
  try {
    return parse(text);
  } catch (cause) {
    throw new OstinatoError(
      'bad-input',
      `${method} ${path} was answered with something that is not JSON: ${text.slice(0, EXPLANATION_CHARS_MAX)}`,
      { cause, remedy: 'Does OSTINATO_API_URL end with /api?' },
    );
  }
}
