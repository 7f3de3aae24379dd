/** Requests to the API beside which the pages are served. */
import { noteReach } from './connection.ts';
import { authorization, signedIn } from './credentials.ts';
import { csrfHeaders, learnCsrfToken } from './csrf.ts';
import { parseLossless } from './lossless-json.ts';

const BASE = '/api';
/** A server that does not answer must become an error on the page, not a page that never fills. */
const TIMEOUT_MS = 30_000;
const PROBE_TIMEOUT_MS = 5000;

export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** 0 when no answer came at all. */
  readonly status: number;
  /** What is wrong with what was sent, each with its place, as Prefect's server tells it; `null`: nothing is told. */
  readonly details: unknown;

  constructor(status: number, message: string, details: unknown = null) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A body that is JSON already: its numbers keep their digits. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export async function getJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  return (await (await send('GET', path, undefined, options)).json()) as T;
}

export async function postJson<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
  const response = await send('POST', path, body, options);
  return (response.status === 204 ? null : await response.json()) as T;
}

/** Values of users keep their numbers as they were written. */
export async function postLossless<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
  return parseLossless(await (await send('POST', path, body, options)).text()) as T;
}

/** @param body what is left out stays as it is */
export async function patchJson(path: string, body: unknown): Promise<void> {
  await send('PATCH', path, body, {});
}

export async function putJson(path: string, body: unknown): Promise<void> {
  await send('PUT', path, body, {});
}

export async function deleteAt(path: string): Promise<void> {
  await send('DELETE', path, undefined, {});
}

/** As text, for answers whose numbers must not go through JavaScript's. */
export async function getText(path: string, options: RequestOptions = {}): Promise<string> {
  return (await send('GET', path, undefined, options)).text();
}

export async function getBlob(path: string): Promise<Blob> {
  return (await send('GET', path, undefined, {})).blob();
}

async function send(method: Method, path: string, body: unknown, { signal }: RequestOptions): Promise<Response> {
  const response = await sendSignedIn(method, path, body, signal);
  if (!response.ok) {
    const { message, details } = await refusalOf(response);
    throw new ApiError(response.status, message, details);
  }
  return response;
}

/** What is refused for want of the auth string is sent again when the person has given it, or given the new one. */
async function sendSignedIn(
  method: Method,
  path: string,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<Response> {
  for (let hasLearnt = false; ;) {
    const auth = authorization();
    const csrf = csrfHeaders();
    const response = await sendOnce({ method, path, body, signal, auth, csrf });
    if (response.status === 401) await signedIn(auth, signal);
    else if (response.status !== 403 || method === 'GET' || hasLearnt) return response;
    else {
      hasLearnt = true;
      // A refusal of another kind stays one: no token helps there.
      if (!(await learnCsrfToken(csrf, (tokenPath) => sendOnce({ method: 'GET', path: tokenPath, auth }))))
        return response;
    }
  }
}

/** @throws ApiError the server did not say, or something else than that it does not */
export async function takesAuth(auth: string): Promise<boolean> {
  const response = await sendOnce({ method: 'GET', path: '/admin/version', auth: authorization(auth) });
  if (response.ok || response.status === 401) return response.ok;
  throw new ApiError(response.status, (await refusalOf(response)).message);
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Sent {
  readonly method: Method;
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly auth: string | null;
  readonly csrf?: Readonly<Record<string, string>>;
}

async function sendOnce({ method, path, body, signal, auth, csrf }: Sent): Promise<Response> {
  // The word that pages say of themselves: the server leaves asking for the secret to them, and no browser puts its own
  // dialog over theirs.
  const headers = new Headers({ Accept: 'application/json', 'X-Requested-With': 'ostinato-pages' });
  if (auth !== null) headers.set('Authorization', auth);
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  if (method !== 'GET') for (const [name, value] of Object.entries(csrf ?? {})) headers.set(name, value);
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const init: RequestInit = {
    method,
    headers,
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
  };
  if (body !== undefined) init.body = body instanceof JsonText ? body.text : JSON.stringify(body);
  try {
    const response = await fetch(`${BASE}${path}`, init);
    noteReach(!PROXY_WITHOUT_SERVER.has(response.status));
    return response;
  } catch (error) {
    if (signal?.aborted === true) throw error;
    // One answer that takes long says nothing of the others.
    if (!timeout.aborted) noteReach(false);
    throw new ApiError(
      0,
      timeout.aborted ? `No answer within ${TIMEOUT_MS / 1000} s.` : 'The server cannot be reached.',
    );
  }
}

/** Bad gateway, gateway timeout: who answers is not the server. */
const PROXY_WITHOUT_SERVER: ReadonlySet<number> = new Set([502, 504]);

/** Whether anything answers at all. */
export async function isServerThere(): Promise<boolean> {
  try {
    const response = await fetch(`${BASE}/health`, {
      headers: { 'X-Requested-With': 'ostinato-pages' },
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    return !PROXY_WITHOUT_SERVER.has(response.status);
  } catch {
    return false;
  }
}

interface Refusal {
  readonly message: string;
  readonly details: unknown;
}

async function refusalOf(response: Response): Promise<Refusal> {
  const text = await response.text();
  try {
    const {
      detail,
      exception_message: message,
      exception_detail: details,
    } = JSON.parse(text) as Record<string, unknown>;
    const said = detail ?? message ?? details;
    if (said !== undefined)
      return { message: typeof said === 'string' ? said : JSON.stringify(said), details: details ?? null };
  } catch {
    // Not JSON: a proxy's page, for instance. The status says more than its markup.
  }
  const message = `The server answered ${response.status} ${response.statusText}.`.replace(' .', '.');
  return { message, details: null };
}
