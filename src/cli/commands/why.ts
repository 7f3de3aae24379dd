import type { Command } from 'commander';

import { encodeExplanation } from '../../contract/encode/explanation.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { Explanation } from '../../core/why.ts';
import { findAnyRun } from '../find-run.ts';
import { showTime, stateColour } from '../format.ts';
import { withClient } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';
import { oneLine } from '../text-width.ts';

export function define(command: Command, terminal: Terminal): void {
  command
    .argument('<run>', 'flow run or task run: id, beginning of an id, or name')
    .addOption(outputOption(command))
    .action((word: string, { output }: OutputOptions) =>
      withClient(terminal, async ({ client }) => {
        const { kind, run } = await findAnyRun(client, word);
        const explanation = await client.explainRun(run.id);
        if (explanation === null) throw new OstinatoError('not-found', `${run.name} was deleted meanwhile.`);
        const title = `${terminal.style('bold', oneLine(run.name))} ${terminal.style(stateColour(run.state), oneLine(run.state.name))}`;
        printResult(terminal, output, encodeExplanation(explanation, { run_id: run.id, kind, name: run.name }), () =>
          render(explanation, title, terminal),
        );
      }),
    );
  addExamples(command, [
    ['ostinato why brave-otter', 'why did it fail, crash, wait?'],
    ['ostinato why load-0', 'why was this task retried or cached?'],
    ['ostinato why brave-otter -o json', 'for a program'],
  ]);
}

function render({ headline, because, next }: Explanation, title: string, terminal: Terminal): string {
  const facts = because.map(
    ({ fact, when }) => `  ${terminal.style('gray', when === null ? '·' : `${showTime(when)} ·`)} ${oneLine(fact)}`,
  );
  const reasons = facts.length === 0 ? '' : `\n${terminal.style('bold', 'Because')}\n${facts.join('\n')}\n`;
  return `${title}\n${oneLine(headline)}\n${reasons}\n${terminal.style('bold', 'Next')}\n  ${oneLine(next)}\n`;
}
