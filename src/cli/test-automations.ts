/** `ostinato automation test`: what an automation would have done with the events that are stored. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import { automationsOf, findAutomation } from '../client/control/automations.ts';
import type { BackTestBody } from '../contract/back-test.ts';
import { addSeconds, formatInstant, type Instant } from '../core/time.ts';
import { automationsIn } from './apply-automations.ts';
import { replay, replayedJson, shownFirings, shownHints, shownMisses, type Replayed } from './automation-replay.ts';
import type { TestAutomationOptions } from './commands/automation-test.ts';
import type { Since } from './event-filter.ts';
import { timeOf } from './format.ts';
import { withPlane, type PlaneContext } from './open-plane.ts';
import { printJson } from './output.ts';
import type { Terminal } from './terminal.ts';

type Tested = Pick<BackTestBody, 'automation' | 'automation_id'>;

export async function testAutomations(
  terminal: Terminal,
  word: string,
  { since, until, limit, output }: TestAutomationOptions,
): Promise<void> {
  await withPlane(terminal, async (context) => {
    const now = context.clock.now();
    const period = {
      since: formatInstant(timeIn(since, now)),
      until: formatInstant(until === undefined ? now : timeIn(until, now)),
    };
    const automations = automationsOf(context.plane);
    const answers: Readonly<Record<string, unknown>>[] = [];
    for (const { name, tested } of await wanted(context, word)) {
      const replayed = await replay(
        terminal,
        automations,
        { ...tested, ...period, limit, preview: true },
        output === 'json',
      );
      answers.push({ name, ...replayedJson(replayed) });
      if (output !== 'json') terminal.out(`${shown(name, replayed, terminal)}\n`);
    }
    if (output === 'json') printJson(terminal, answers);
  });
}

export function timeIn(since: Since, now: Instant): Instant {
  return 'at' in since ? since.at : addSeconds(now, -since.secondsAgo);
}

/** What a file is called is no name of an automation. */
async function wanted(
  context: PlaneContext,
  word: string,
): Promise<readonly { readonly name: string; readonly tested: Tested }[]> {
  const isFile = /\.(?:ya?ml|json)$/i.test(word) || existsSync(resolve(context.terminal.workingDirectory, word));
  if (isFile)
    return (await automationsIn(context, word)).map(({ name, fields }) => ({
      name,
      tested: { automation: fields as unknown as NonNullable<BackTestBody['automation']> },
    }));
  const { id, name } = (await findAutomation(automationsOf(context.plane), word)).plain;
  return [{ name, tested: { automation_id: id } }];
}

function shown(name: string, replayed: Replayed, terminal: Terminal): string {
  const { fired, events, since, until } = replayed;
  const times = fired === 0 ? 'would not have fired' : `would have fired ${fired === 1 ? 'once' : `${fired} times`}`;
  return [
    `${name} ${times} in ${events} ${events === 1 ? 'event' : 'events'} from ${timeOf(since)} to ${timeOf(until)}.`,
    ...shownFirings(replayed, terminal),
    ...shownMisses(replayed),
    ...shownHints(replayed),
  ].join('\n');
}
