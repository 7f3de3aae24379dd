import type { Command } from 'commander';

import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

export interface RetryOptions extends OutputOptions {
  readonly plan?: boolean;
  readonly entrypoint?: string;
}

export function defineRetry(command: Command, terminal: Terminal): void {
  const retry = command
    .command('retry')
    .description('Go on with a flow run that failed, crashed or was cancelled: tasks that finished do not run again.');
  retry
    .argument('<run>', 'id, beginning of an id, or name')
    .option('--plan', 'run nothing; show which recorded steps would be reused, run again, or are orphaned')
    .option('--entrypoint <file>', 'where the flow is now: FILE or FILE:EXPORT')
    .addOption(outputOption(retry))
    .action(async (word: string, options: RetryOptions) => {
      const { retryRun } = await import('../retry-run.ts');
      await retryRun(terminal, word, options);
    });
  addExamples(retry, [
    ['ostinato flow-run retry brave-otter', 'in this process, with the parameters that are recorded'],
    ['ostinato flow-run retry brave-otter --plan', 'after the code was changed: what would happen?'],
    ['ostinato flow-run retry brave-otter --entrypoint flows/etl.ts', 'when the file was moved'],
  ]);
}
