import type { Command } from 'commander';

import { encodeFlowRun } from '../../contract/encode/flow-run.ts';
import { CANCELLING_SECONDS_MAX } from '../../core/rules/cancelling.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import { runWord } from '../../core/shell-word.ts';
import { OstinatoError } from '../../core/errors.ts';
import { isTerminal } from '../../core/state.ts';
import { findFlowRun } from '../find-run.ts';
import { withClient, type CommandContext } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';
import { proposedState } from './flow-run-mark.ts';
import { LiveView, waitForEnd } from './flow-run-watch.ts';

interface CancelOptions extends OutputOptions {
  readonly wait?: boolean;
  readonly force?: boolean;
}

export function defineCancel(command: Command, terminal: Terminal): void {
  const cancel = command.command('cancel').description('Ask the process that runs a flow to stop it.');
  cancel
    .argument('<run>', 'id, beginning of an id, or name')
    .option('--wait', 'until the run has ended')
    .option('--force', 'mark it Cancelled now, whether or not its process stops')
    .addOption(outputOption(cancel))
    .action((word: string, options: CancelOptions) =>
      withClient(terminal, (context) => cancelRun(context, word, options)),
    );
  addExamples(cancel, [
    ['ostinato flow-run cancel brave-otter', 'its process hears of it within a second'],
    ['ostinato flow-run cancel brave-otter --wait', 'until hooks have run and it is Cancelled'],
    ['ostinato flow-run cancel brave-otter --force', 'when nobody is there who would stop it'],
  ]);
}

async function cancelRun(
  context: CommandContext,
  word: string,
  { wait = false, force = false, output }: CancelOptions,
): Promise<void> {
  const { client, clock, terminal } = context;
  const found = await findFlowRun(client, word);
  if (isTerminal(found.state)) {
    throw new OstinatoError(
      'conflict',
      `Flow run ${found.name} cannot be cancelled: it is over, ${found.state.name}.`,
      { remedy: `Look at it with: ostinato flow-run inspect ${found.id}` },
    );
  }
  const answer = force
    ? await client.setFlowRunState({
        id: found.id,
        state: proposedState('cancelled', 'Cancelled by force: nobody confirmed that it has stopped.'),
        force: true,
      })
    : await client.cancelFlowRun(found.id);
  const accepted = answer.run.state.type === 'CANCELLING' || answer.run.state.type === 'CANCELLED';
  if (!accepted) {
    const reason = 'reason' in answer ? answer.reason : 'its state does not allow it';
    throw new OstinatoError('conflict', `Flow run ${found.name} cannot be cancelled: ${reason}`, {
      remedy: `Look at it with: ostinato why ${found.id}`,
    });
  }
  const isUnheld = !isTerminal(answer.run.state) && answer.run.lease === null;
  if (isUnheld && (wait || output === 'json')) terminal.err(`${unheldText(answer.run)}\n`);
  const run =
    wait && !isTerminal(answer.run.state)
      ? await waitForEnd(context, answer.run, output === 'json' ? null : new LiveView(terminal))
      : answer.run;
  const text = isTerminal(run.state)
    ? `${run.name} is ${run.state.name}.`
    : isUnheld
      ? unheldText(run)
      : `${run.name} is asked to stop. Follow it with: ostinato flow-run watch ${run.id}`;
  printResult(terminal, output, encodeFlowRun(run, clock.now()), () => text);
}

/** The message for a run of another client: nothing here can stop its process, nor see whether it has stopped. */
function unheldText(run: FlowRun): string {
  const who =
    run.runner === 'worker'
      ? 'Its runner or worker stops it, where there is one'
      : 'No process is known here that would stop it';
  return `${run.name} is asked to stop. ${who}; else the server marks it Cancelled ${CANCELLING_SECONDS_MAX / 60} minutes after it was asked. At once: ostinato flow-run cancel ${runWord(run)} --force`;
}
