/** Requests to the API beside which the pages are served. */
import { authorization, demandAuth } from './credentials.ts';

const BASE = '/api';
/** A server that does not answer must become an error on the page, not a page that never fills. */
const TIMEOUT_MS = 30_000;

export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** 0 when no answer came at all. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
}

export async function getJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  return (await (await send('GET', path, undefined, options)).json()) as T;
}

export async function postJson<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<T> {
  return (await (await send('POST', path, body, options)).json()) as T;
}

/** As text, for answers whose numbers must not go through JavaScript's. */
export async function getText(path: string, options: RequestOptions = {}): Promise<string> {
  return (await send('GET', path, undefined, options)).text();
}

export async function getBlob(path: string): Promise<Blob> {
  return (await send('GET', path, undefined, {})).blob();
}

async function send(method: 'GET' | 'POST', path: string, body: unknown, { signal }: RequestOptions): Promise<Response> {
  let response = await sendOnce(method, path, body, signal);
  if (response.status === 403 && method === 'POST' && (await learnCsrfToken())) response = await sendOnce(method, path, body, signal);
  if (response.status === 401) demandAuth();
  if (!response.ok) throw new ApiError(response.status, await messageOf(response));
  return response;
}

async function sendOnce(method: string, path: string, body: unknown, signal: AbortSignal | undefined): Promise<Response> {
  const headers = new Headers({ Accept: 'application/json' });
  const auth = authorization();
  if (auth !== null) headers.set('Authorization', auth);
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  if (csrf !== null && method !== 'GET') {
    headers.set('Prefect-Csrf-Token', csrf.token);
    headers.set('Prefect-Csrf-Client', csrf.client);
  }
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const init: RequestInit = { method, headers, signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) };
  if (body !== undefined) init.body = JSON.stringify(body);
  try {
    return await fetch(`${BASE}${path}`, init);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError(0, timeout.aborted ? `No answer within ${TIMEOUT_MS / 1000} s.` : 'The server cannot be reached.');
  }
}

let csrf: { readonly token: string; readonly client: string } | null = null;

/** A server with CSRF protection refuses what changes something until it has handed out a token. */
async function learnCsrfToken(): Promise<boolean> {
  const client = crypto.randomUUID();
  const response = await sendOnce('GET', `/csrf-token?client=${client}`, undefined, undefined);
  if (!response.ok) return false;
  const { token } = (await response.json()) as { token: string };
  csrf = { token, client };
  return true;
}

async function messageOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const { detail, exception_message: message, exception_detail: details } = JSON.parse(text) as Record<string, unknown>;
    const said = detail ?? message ?? details;
    if (typeof said === 'string') return said;
    if (said !== undefined) return JSON.stringify(said);
  } catch {
    // Not JSON: a proxy's page, for instance. The status says more than its markup.
  }
  return `The server answered ${response.status} ${response.statusText}.`.replace(' .', '.');
}
