/**
 * A flow that is stopped from outside. Start: `node interrupt-program.ts EFFECTS MODE`, or by `ostinato run … --
 * EFFECTS MODE`.
 *
 * It does three steps, says `ready`, and then waits: for its signal (`listening`), or for nothing in the world
 * (`deaf`). Once there is a file `EFFECTS.go`, it waits no more.
 */
import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { flow, runContext, task } from '../../src/index.ts';
import { isWatching } from '../../src/platform/watchdog.ts';

const [effects = '', mode = 'listening'] = process.argv.slice(-2);

function say(what: string): void {
  appendFileSync(effects, `${what}\n`);
}

const step = task(
  async (number: number) => {
    say(`step ${number}`);
    return number;
  },
  { name: 'step' },
);

const hold = task(
  async () => {
    if (existsSync(`${effects}.go`)) return 'held';
    // Signals have their ordinary effect until then.
    while (!isWatching()) await sleep(5);
    say('ready');
    const { signal } = runContext();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, 3_600_000);
      if (mode === 'deaf') return;
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        say('aborted');
        reject(signal.reason as Error);
      });
    });
    return 'held';
  },
  { name: 'hold' },
);

const interrupted = flow(
  async () => {
    let sum = 0;
    for (let number = 1; number <= 3; number += 1) sum += await step(number);
    const held = await hold();
    return `${sum} ${held}`;
  },
  {
    name: 'interrupted',
    resume: 'automatic',
    onCancellation: () => say('hook cancellation'),
    onCrashed: () => say('hook crashed'),
  },
);

try {
  const result = await interrupted();
  say(`result ${result}`);
} catch (error) {
  say(`thrown ${(error as Error).name}`);
}
