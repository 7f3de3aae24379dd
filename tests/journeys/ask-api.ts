import assert from 'node:assert/strict';

/** Asks an API, which must answer well. Answers `null` where it says nothing. */
export async function askApi<T>(apiUrl: string | undefined, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${apiUrl}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text === '' ? 'null' : text) as T;
}
