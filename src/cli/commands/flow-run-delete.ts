import type { Command } from 'commander';

import { OstinatoError } from '../../core/errors.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import { isTerminal } from '../../core/state.ts';
import { confirmDeletion } from '../confirm.ts';
import { findFlowRun } from '../find-run.ts';
import { withClient, type CommandContext } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

interface DeleteOptions extends OutputOptions {
  readonly yes?: boolean;
}

export function defineDelete(command: Command, terminal: Terminal): void {
  const remove = command
    .command('delete')
    .description('Delete flow runs that are over, with their task runs, states, logs and artifacts.');
  remove
    .argument('<run...>', 'ids, beginnings of ids, or names')
    .option('-y, --yes', 'without asking')
    .addOption(outputOption(remove))
    .action((words: string[], options: DeleteOptions) =>
      withClient(terminal, (context) => deleteRuns(context, words, options)),
    );
  addExamples(remove, [
    ['ostinato flow-run delete brave-otter', 'asks first'],
    ['ostinato flow-run delete -y 01a0f3 01a0f4', 'several, without asking'],
  ]);
}

/** All are read before the first is deleted. */
async function deleteRuns(
  { client, terminal }: CommandContext,
  words: readonly string[],
  { yes = false, output }: DeleteOptions,
): Promise<void> {
  const runs = new Map<string, FlowRun>();
  for (const word of words) {
    const run = await findFlowRun(client, word);
    requireOver(run);
    runs.set(run.id, run);
  }
  const what = runs.size === 1 ? `flow run ${[...runs.values()][0]?.name}` : `${runs.size} flow runs`;
  if (!yes && !(await confirmDeletion(terminal, what, ' with task runs, logs and artifacts'))) return;
  for (const run of runs.values()) await client.deleteFlowRun(run.id);
  const deleted = [...runs.values()].map(({ id, name }) => ({ id, name }));
  printResult(terminal, output, { deleted }, () =>
    deleted.map(({ id, name }) => `${name} (${id}) is deleted.`).join('\n'),
  );
}

function requireOver(run: FlowRun): void {
  if (isTerminal(run.state)) return;
  throw new OstinatoError(
    'conflict',
    `Flow run ${run.name} is ${run.state.name}: only runs that are over can be deleted.`,
    { remedy: `Cancel it first: ostinato flow-run cancel ${run.id} --wait` },
  );
}
