import { createInterface } from 'node:readline/promises';

import type { Command } from 'commander';

import { OstinatoError } from '../../core/errors.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import { isTerminal } from '../../core/state.ts';
import { findFlowRun } from '../find-run.ts';
import { withClient, type Desk } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

interface DeleteOptions extends OutputOptions {
  readonly yes?: boolean;
}

export function defineDelete(command: Command, terminal: Terminal): void {
  const remove = command.command('delete').description('Delete flow runs that are over, with their task runs, states, logs and artifacts.');
  remove
    .argument('<run...>', 'ids, beginnings of ids, or names')
    .option('-y, --yes', 'without asking')
    .addOption(outputOption(remove))
    .action((words: string[], options: DeleteOptions) => withClient(terminal, (desk) => deleteRuns(desk, words, options)));
  addExamples(remove, [
    ['ostinato flow-run delete brave-otter', 'asks first'],
    ['ostinato flow-run delete -y 01a0f3 01a0f4', 'several, without asking'],
  ]);
}

/** All are looked at before the first is deleted. */
async function deleteRuns({ client, terminal }: Desk, words: readonly string[], { yes = false, output }: DeleteOptions): Promise<void> {
  const runs = new Map<string, FlowRun>();
  for (const word of words) {
    const run = await findFlowRun(client, word);
    requireOver(run);
    runs.set(run.id, run);
  }
  if (!yes && !(await confirm(terminal, [...runs.values()]))) {
    terminal.err('Nothing was deleted.\n');
    return;
  }
  for (const run of runs.values()) await client.deleteFlowRun(run.id);
  const deleted = [...runs.values()].map(({ id, name }) => ({ id, name }));
  printResult(terminal, output, { deleted }, () => deleted.map(({ id, name }) => `${name} (${id}) is deleted.`).join('\n'));
}

function requireOver(run: FlowRun): void {
  if (isTerminal(run.state)) return;
  throw new OstinatoError('conflict', `Flow run ${run.name} is ${run.state.name}: only runs that are over can be deleted.`, { remedy: `Cancel it first: ostinato flow-run cancel ${run.id} --wait` });
}

async function confirm(terminal: Terminal, runs: readonly FlowRun[]): Promise<boolean> {
  const what = runs.length === 1 ? `flow run ${runs[0]?.name}` : `${runs.length} flow runs`;
  if (!terminal.isInteractive) throw new OstinatoError('bad-input', `Deleting ${what} needs a yes, and there is no terminal to ask on.`, { remedy: 'Add -y.' });
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await reader.question(`Delete ${what} with task runs, logs and artifacts? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}
