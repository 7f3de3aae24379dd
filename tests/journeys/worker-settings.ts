/** What can be seen of the settings of a worker: one that ends with what is due now. */
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { startOstinato, until } from './background.ts';
import { LAUNCHER, runProgram } from './launch.ts';
import { placeWith, type Given, type Seen, type Way } from './setting-subjects.ts';

const DAY_MS = 86_400_000;

export async function seeWorker(way: Way, given: Given): Promise<Seen> {
  const place = placeWith(way, given);
  const old = fill(place.home, 'a'.repeat(32), 0, 40 * DAY_MS);
  const large = fill(place.home, 'b'.repeat(32), 30e9, DAY_MS);
  const user = { home: dirname(place.home), project: place.project };
  const server = startOstinato(user, ['server', 'start', '--port', '0'], place.env);
  try {
    const url = await until('it serves', () => /serves at (http:\S+)/.exec(server.text().stderr)?.[1]);
    const env = { ...place.env, OSTINATO_API_URL: `${url.replace(/\/$/, '')}/api` };
    const words = [LAUNCHER, 'worker', 'start', '--run-once'];
    const { stderr } = await runProgram(process.execPath, words, { cwd: place.project, env });
    return {
      workerWarmPython: stderr.includes('a process stands ready for Python'),
      workerKeepEnvironments: existsSync(old),
      workerEnvironmentSpace: existsSync(large),
    };
  } finally {
    server.child.kill('SIGTERM');
    await server.ended;
  }
}

/** An environment that was made, and used so long ago. */
function fill(home: string, key: string, bytes: number, agoMs: number): string {
  const folder = join(home, 'worker', 'environments', key);
  mkdirSync(folder, { recursive: true });
  const mark = join(folder, 'ready.json');
  writeFileSync(mark, JSON.stringify({ label: 'requirements.txt', bytes }));
  const at = (Date.now() - agoMs) / 1000;
  utimesSync(mark, at, at);
  return folder;
}
