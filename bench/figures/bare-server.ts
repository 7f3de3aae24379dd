/** What a bare Node server takes that parses and answers JSON of the same size: the limit for ours. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';

import type { Bench } from '../bench.ts';
import { connect, load } from '../load.ts';
import { cleanEnvironment } from '../program.ts';

/** Bytes of one flow run as the wire has it. */
const FLOW_RUN_BYTES = 1900;

export async function bareServerTimes(
  bench: Bench,
  connections: number,
): Promise<{ readonly small: readonly number[]; readonly list: readonly number[] }> {
  const flowRun = {
    text: 'x'.repeat(FLOW_RUN_BYTES / 2),
    fields: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`field_${index}`, index])),
  };
  return {
    small: [await measure(bench, flowRun, connections)],
    list: [
      await measure(
        bench,
        Array.from({ length: 50 }, () => flowRun),
        connections,
      ),
    ],
  };
}

async function measure(bench: Bench, answer: unknown, connections: number): Promise<number> {
  const file = join(import.meta.dirname, '..', 'programs', 'bare-server.ts');
  const child = spawn(process.execPath, [file, JSON.stringify(answer)], {
    env: cleanEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the bare server ended')));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const found = /serves at (\S+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const client = connect(`${url}/api`, connections);
  const body = { flow_id: 'x'.repeat(36), parameters: { x: 1 }, tags: ['load'], state: { type: 'PENDING' } };
  try {
    return (await load(connections, bench.quick ? 2 : 5, () => client.send('POST', '/', body))).microsecondsEach;
  } finally {
    client.close();
    child.kill('SIGTERM');
    await exited;
  }
}
