import { InvalidArgumentError, type Command } from 'commander';

import { isUuid } from '../../core/ids.ts';
import { parseLimit } from '../arguments.ts';
import { parseSince, type Since } from '../event-filter.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

export interface TestAutomationOptions extends OutputOptions {
  readonly since: Since;
  readonly until?: Since;
  readonly limit: number;
}

export interface WhyAutomationOptions extends OutputOptions {
  readonly event?: string;
  readonly firing?: string;
  readonly since?: Since;
  readonly limit: number;
}

const SHOWN = 20;
const DAY_SECONDS = 86_400;

export function defineTests(command: Command, terminal: Terminal, word: string): void {
  const test = command
    .command('test')
    .summary('show what it would have done')
    .description(
      'Run an automation over the events that are stored, and show what it would have done. Nothing is done.',
    );
  test
    .argument('<automation>', `${word}, or a file as apply takes it`)
    .option('--since <time>', 'from then on: 2h, 30d, or a time; default: 1d', parseSince, { secondsAgo: DAY_SECONDS })
    .option('--until <time>', 'up to then: 2h, 30d, or a time; default: now', parseSince)
    .option('--limit <count>', 'how many firings are shown', parseLimit, SHOWN)
    .addOption(outputOption(test))
    .action(async (name: string, options: TestAutomationOptions) => {
      const { testAutomations } = await import('../test-automations.ts');
      await testAutomations(terminal, name, options);
    });
  addExamples(test, [
    ['ostinato automation test late.yaml --since 30d', 'before it is applied'],
    ['ostinato automation test late-reports', 'what it would have done since yesterday'],
  ]);

  const why = command
    .command('why')
    .summary('explain what it did, and what not')
    .description('Explain which events an automation has counted, which not and why, and where it has nearly fired.');
  why
    .argument('<automation>', word)
    .option('--event <id>', 'what became of this event', parseId)
    .option('--firing <id>', 'what led to this firing', parseId)
    .option('--since <time>', 'from then on; default: since it was made or changed last', parseSince)
    .option('--limit <count>', 'how many firings are shown, and near misses', parseLimit, SHOWN)
    .addOption(outputOption(why))
    .action(async (name: string, options: WhyAutomationOptions) => {
      const { explainAutomation } = await import('../explain-automation.ts');
      await explainAutomation(terminal, name, options);
    });
  addExamples(why, [['ostinato automation why late-reports --event ID', 'ids are in: ostinato event ls -o json']]);
}

function parseId(text: string): string {
  if (isUuid(text)) return text.toLowerCase();
  throw new InvalidArgumentError('It must be an id, such as 01a22e32-f07c-7000-8e29-d109a2b5c7e1.');
}
