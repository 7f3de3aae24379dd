/** The pages as they are built, in front of a server of their own, and a browser. */
import { after } from 'node:test';

import type { Browser } from 'playwright-core';

import { buildUi } from '../../scripts/build-ui.ts';
import { startOstinato, until } from './background.ts';
import { makePlace, type Place } from './launch.ts';
import { launchBrowser } from './ui-browser.ts';

export interface ServedPages {
  readonly place: Place;
  readonly browser: Browser;
  readonly url: string;
}

/** Call at the top of a test file; server and browser end with the file's tests. */
export async function servePages(env: Readonly<Record<string, string>> = {}): Promise<ServedPages> {
  const place = makePlace();
  await buildUi();
  const browser = await launchBrowser();
  const server = startOstinato(place, ['server', 'start', '--port', '0'], env);
  const url = await until(
    'the server says where it is',
    () => /Ostinato serves at (\S+)/.exec(server.text().stdout + server.text().stderr)?.[1],
  );
  after(async () => {
    server.child.kill('SIGTERM');
    await server.ended;
  });
  return { place, browser, url };
}
