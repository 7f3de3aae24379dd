/** A place with a server of its own, commands that ask it, and programs beside them. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { askApi } from './ask-api.ts';
import type { Background } from './background.ts';
import { makePlace, type Ended, type Place } from './launch.ts';

export interface ServedPlace extends Place {
  /** By it, commands and programs of the place find the server. It is filled in before the tests. */
  readonly env: Record<string, string>;
  /** Those that are put here are ended before the server is. */
  readonly programs: Background[];
  readonly call: (...words: string[]) => Promise<Ended>;
  /** What a command prints that must succeed. */
  readonly done: (...words: string[]) => Promise<string>;
  readonly json: <T>(...words: string[]) => Promise<T>;
  /** Of the API; it must answer well. */
  readonly ask: <T>(method: string, path: string, body?: unknown) => Promise<T>;
  /** The server as it runs now. */
  readonly server: () => Server;
  /** A hook of the file's own waits for it: hooks at the top of a file begin at once, not one after the other. */
  readonly started: Promise<void>;
  /** On the same port, after it was ended. */
  readonly startAgain: () => Promise<void>;
}

interface Server {
  readonly url: string;
  readonly pid: number;
}

const START_TIMEOUT_MS = 120_000;

/** Call at the top of a test file. @param more of the environment of all that asks the server */
export function makeServedPlace(more: Readonly<Record<string, string>> = {}): ServedPlace {
  const env: Record<string, string> = { ...more };
  const programs: Background[] = [];
  // Before the folder of its home goes.
  after(async () => {
    for (const { child } of programs) child.kill('SIGKILL');
    await place.ostinato(['server', 'stop']);
  });
  const place = makePlace();
  const call: ServedPlace['call'] = (...words) => place.ostinato(words, { env });
  const done: ServedPlace['done'] = async (...words) => {
    const { exitCode, stdout, stderr } = await call(...words);
    assert.equal(exitCode, 0, `${words.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  };
  let server: Server = { url: '', pid: 0 };
  const start = async (port: string): Promise<void> => {
    await place.ostinato(['server', 'start', '--port', port, '--background']);
    const { stdout } = await place.ostinato(['server', 'status', '--wait', '-o', 'json']);
    server = JSON.parse(stdout) as Server;
    env['OSTINATO_API_URL'] = `${server.url}/api`;
  };
  const started = start('0');
  before(() => started, { timeout: START_TIMEOUT_MS });
  return {
    ...place,
    env,
    programs,
    call,
    done,
    json: async <T>(...words: string[]) => JSON.parse(await done(...words, '-o', 'json')) as T,
    ask: (method, path, body) => askApi(env['OSTINATO_API_URL'], method, path, body),
    server: () => server,
    started,
    startAgain: () => start(new URL(server.url).port),
  };
}
