import type { Command } from 'commander';

import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

export interface ExecuteOptions extends OutputOptions {
  readonly entrypoint?: string;
}

export function defineExecute(command: Command, terminal: Terminal): void {
  const execute = command
    .command('execute')
    .description('Run a run that was asked for of a deployment, here and now, as a worker does.');
  execute
    .argument('<run>', 'id, beginning of an id, or name')
    .option('--entrypoint <file>', 'where the flow is: FILE:EXPORT; default: as the deployment says')
    .addOption(outputOption(execute))
    .action(async (word: string, options: ExecuteOptions) => {
      // Loaded here: help and completion need no engine.
      const { executeRun } = await import('../execute-run.ts');
      await executeRun(terminal, word, options);
    });
  addExamples(execute, [['ostinato flow-run execute brave-otter', 'without a worker']]);
}
