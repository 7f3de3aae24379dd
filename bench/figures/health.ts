/**
 * How long health takes to be told while a server is sent the worst that there is: whether one request holds up the
 * others.
 */

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import type { Bench, Figure } from '../bench.ts';
import { startOurServer } from '../our-server.ts';
import { cleanEnvironment } from '../program.ts';
import { samplesOf } from '../samples.ts';
import { WORST_BODIES } from '../worst-bodies.ts';

const LIMIT_MICROSECONDS = 200_000;

export const health: Figure = {
  name: 'health',
  title: 'Health, asked by one process while another sends the worst bodies',
  async measure(bench: Bench) {
    const worst: number[] = [];
    for (let repeat = 0; repeat < (bench.quick ? 1 : 3); repeat += 1)
      worst.push(await bench.alone(() => measureOnce(bench)));
    return [
      {
        figure: 'health',
        what: 'health meanwhile, at worst',
        unit: 'microseconds',
        ours: samplesOf(worst),
        peer: null,
        goals: [{ kind: 'below', value: LIMIT_MICROSECONDS }],
      },
    ];
  },
};

async function measureOnce(bench: Bench): Promise<number> {
  const server = await startOurServer(bench.freshFolder());
  const probe = started('probe-health', server.apiUrl);
  const sender = started('send-worst', server.apiUrl);
  let worst = 0;
  try {
    for (const [index, { what }] of WORST_BODIES.entries()) {
      await ask(sender, index);
      const settled = once(sender, 'message');
      await ask(probe, 'now');
      const [{ status }] = (await settled) as [{ readonly status: number }];
      const { microseconds } = (await ask(probe, 'now')) as { readonly microseconds: number };
      bench.say(`  ${what}: ${status}, health within ${(microseconds / 1000).toFixed(0)} ms`);
      worst = Math.max(worst, microseconds);
    }
    return worst;
  } finally {
    probe.disconnect();
    sender.disconnect();
    await server.stop();
  }
}

function started(program: string, apiUrl: string): ChildProcess {
  return fork(join(import.meta.dirname, '..', 'programs', `${program}.ts`), [apiUrl], {
    env: cleanEnvironment(),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

async function ask(child: ChildProcess, message: number | string): Promise<unknown> {
  const answered = once(child, 'message');
  child.send(message);
  const [answer] = (await answered) as [unknown];
  return answer;
}
