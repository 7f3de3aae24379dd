import type { Command } from 'commander';

import { encodeFlowRun } from '../../contract/encode/flow-run.ts';
import { OstinatoError } from '../../core/errors.ts';
import { runWord } from '../../core/shell-word.ts';
import { parsePriority } from '../arguments.ts';
import { findFlowRun } from '../find-run.ts';
import { withClient, type CommandContext } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

export function defineSetPriority(command: Command, terminal: Terminal): void {
  const set = command
    .command('set-priority')
    .description('Say which of the runs that are due begins first: the lower, the sooner.');
  set
    .argument('<run>', 'id, beginning of an id, or name')
    .argument('<value>', 'a whole number; 0 is the ordinary one', parsePriority)
    .addOption(outputOption(set))
    .action((word: string, priority: number, options: OutputOptions) =>
      withClient(terminal, (context) => setPriority(context, word, priority, options)),
    );
  addExamples(set, [
    ['ostinato flow-run set-priority brave-otter -- -10', 'before the ordinary ones'],
    ['ostinato flow-run set-priority brave-otter 10', 'when no ordinary one is due'],
  ]);
}

async function setPriority(
  { client, clock, terminal }: CommandContext,
  word: string,
  priority: number,
  { output }: OutputOptions,
): Promise<void> {
  const found = await findFlowRun(client, word);
  if (found.state.type !== 'SCHEDULED')
    throw new OstinatoError(
      'conflict',
      `Flow run ${found.name} is ${found.state.name}: a priority says when a run begins that waits.`,
      { remedy: `Look at it: ostinato flow-run inspect ${runWord(found)}` },
    );
  await client.updateFlowRun(found.id, { priority });
  const run = (await client.readFlowRun(found.id)) ?? found;
  printResult(terminal, output, encodeFlowRun(run, clock.now()), () => `${run.name} has priority ${priority}.`);
}
