import { Option, type Command } from 'commander';

import { ALERT_STATES, type AlertState } from '../../core/alerts/alert.ts';
import { parseLimit, parseName } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { parseSpan } from '../spans.ts';
import type { Terminal } from '../terminal.ts';

const WORD = 'its id, or the last 6 characters of it and more';
const SHOWN = 50;

export interface ListAlertsOptions extends OutputOptions {
  readonly limit: number;
  readonly state?: AlertState | 'any';
}

export function define(command: Command, terminal: Terminal): void {
  const list = command.command('ls').description('List alerts that are not over, the newest first.');
  list
    .addOption(new Option('--state <state>', 'those in this state').choices([...ALERT_STATES, 'any']))
    .option('--limit <count>', 'how many at most', parseLimit, SHOWN)
    .addOption(outputOption(list))
    .action(async (options: ListAlertsOptions) => {
      await (await loaded()).listAlerts(terminal, options);
    });

  const inspect = command
    .command('inspect')
    .description('Show an alert: its cause, what it has hit, and who was told.');
  inspect
    .argument('<alert>', WORD)
    .addOption(outputOption(inspect))
    .action(async (word: string, { output }: OutputOptions) => {
      await (await loaded()).inspectAlert(terminal, word, output);
    });

  const acknowledge = command
    .command('ack')
    .summary('take it on')
    .description('Take an alert on: it is escalated no further, and its message says who has it.');
  acknowledge
    .argument('<alert>', WORD)
    .option('--by <name>', 'who has it (default: you, at this machine)', parseName)
    .addOption(outputOption(acknowledge))
    .action(async (word: string, { output, by }: OutputOptions & { by?: string }) => {
      await (await loaded()).acknowledgeAlert(terminal, word, { by, output });
    });

  const snooze = command
    .command('snooze')
    .summary('tell nothing of it for a while')
    .description('Tell nothing of an alert for a while. Failures are counted meanwhile.');
  snooze
    .argument('<alert>', WORD)
    .option('--for <time>', 'for how long, for instance 30m, 2h or 1d; 0: tell it again', parseSpan, 3600)
    .addOption(outputOption(snooze))
    .action(async (word: string, options: OutputOptions & { for: number }) => {
      await (await loaded()).snoozeAlert(terminal, word, { seconds: options.for, output: options.output });
    });

  const close = command.command('close').description('Close an alert. The next failure opens another one.');
  close
    .argument('<alert>', WORD)
    .addOption(outputOption(close))
    .action(async (word: string, { output }: OutputOptions) => {
      await (await loaded()).closeAlert(terminal, word, output);
    });
  addExamples(command, [
    ['ostinato alert ls', 'what nobody has taken on yet, and what is being worked on'],
    ['ostinato alert ack 8f1c2e', 'by the end of its id'],
    ['ostinato alert snooze 8f1c2e --for 2h', 'until after the maintenance'],
  ]);
}

/** Loaded with the first of them: help and completion need no client. */
async function loaded() {
  return await import('../alerts.ts');
}
