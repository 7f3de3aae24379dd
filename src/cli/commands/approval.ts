import type { Command } from 'commander';

import { parseLimit } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

const SHOWN = 50;

export interface AnswerOptions extends OutputOptions {
  readonly approve?: boolean;
  readonly reject?: boolean;
  readonly comment?: string;
  readonly set?: readonly string[];
}

export function define(command: Command, terminal: Terminal): void {
  const list = command.command('ls').description('List the questions of flows that wait for an answer, newest first.');
  list
    .option('--limit <count>', 'how many at most', parseLimit, SHOWN)
    .addOption(outputOption(list))
    .action(async ({ output, limit }: OutputOptions & { limit: number }) => {
      await (await loaded()).listApprovals(terminal, limit, output);
    });

  const answer = command
    .command('answer')
    .summary('answer the question of a run')
    .description('Answer the question that a run waits with. The first answer counts.');
  answer
    .argument('<run>', 'the flow run, or its task run that waits: name or id')
    .option('--approve', 'yes: `approved` is true')
    .option('--reject', 'no: `approved` is false')
    .option('--comment <text>', 'what to say to it: `comment`')
    .option('--set <name=value...>', 'a field of its form; values are JSON, or texts')
    .addOption(outputOption(answer))
    .action(async (word: string, options: AnswerOptions) => {
      await (await loaded()).answerApproval(terminal, word, options);
    });
  addExamples(command, [
    ['ostinato approval answer quick-owl --approve', 'yes, to the run of that name'],
    ['ostinato approval answer quick-owl --set days=3 --set note=later', 'the fields that its form asks for'],
  ]);
}

/** Loaded with the first of them: help and completion need no client. */
async function loaded() {
  return await import('../approvals.ts');
}
