import { Argument, type Command } from 'commander';

import { encodeFlowRun } from '../../contract/encode/flow-run.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import { runWord } from '../../core/shell-word.ts';
import { isTerminal, type ProposedState } from '../../core/state.ts';
import { findFlowRun } from '../find-run.ts';
import { withClient, type CommandContext } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

const WORDS = ['completed', 'failed', 'crashed', 'cancelled'] as const;
type Word = (typeof WORDS)[number];

interface MarkOptions extends OutputOptions {
  readonly message?: string;
  readonly force?: boolean;
}

export function defineMark(command: Command, terminal: Terminal): void {
  const mark = command
    .command('mark')
    .description('Say what became of a flow run, when nobody else will: it stops nothing.');
  mark
    .argument('<run>', 'id, beginning of an id, or name')
    .addArgument(new Argument('<state>', 'what it is from now on').choices(WORDS))
    .option('-m, --message <text>', 'why, for whoever looks at it')
    .option('--force', 'also when a process has it, or it is over')
    .addOption(outputOption(mark))
    .action((word: string, state: Word, options: MarkOptions) =>
      withClient(terminal, (context) => markRun(context, word, state, options)),
    );
  addExamples(mark, [
    ['ostinato flow-run mark brave-otter crashed', 'its process was killed, and nothing told'],
    ['ostinato flow-run mark brave-otter completed --force', 'it is over, and is all right after all'],
  ]);
}

async function markRun(
  { client, clock, terminal }: CommandContext,
  word: string,
  state: Word,
  { message, force = false, output }: MarkOptions,
): Promise<void> {
  const found = await findFlowRun(client, word);
  if (!force) requireNobodyElse(found);
  const answer = await client.setFlowRunState({
    id: found.id,
    state: proposedState(state, message ?? 'Marked by hand.'),
    force: true,
  });
  const { run } = answer;
  if (answer.status !== 'accept')
    throw new OstinatoError(
      'conflict',
      `Flow run ${run.name} could not be marked: ${'reason' in answer ? answer.reason : 'it is not due yet'}`,
    );
  printResult(terminal, output, encodeFlowRun(run, clock.now()), () => `${run.name} is ${run.state.name}.`);
}

function requireNobodyElse(run: FlowRun): void {
  if (isTerminal(run.state))
    throw new OstinatoError('conflict', `Flow run ${run.name} is over: ${run.state.name}.`, {
      remedy: 'Add --force to mark it all the same.',
    });
  if (run.lease === null) return;
  throw new OstinatoError('conflict', `A process has flow run ${run.name}, and will say itself what becomes of it.`, {
    remedy: `Stop it with: ostinato flow-run cancel ${runWord(run)}. Or add --force: the process is then refused.`,
  });
}

export function proposedState(word: Word, message: string): ProposedState {
  switch (word) {
    case 'completed':
      return { type: 'COMPLETED', data: null, message };
    case 'failed':
      return { type: 'FAILED', failure: null, message };
    case 'crashed':
      return { type: 'CRASHED', message, evidence: message };
    case 'cancelled':
      return { type: 'CANCELLED', message };
  }
}
