import { DEPLOYMENT_WORD } from '../arguments.ts';
import { InvalidArgumentError, type Command } from 'commander';

import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

export function defineVersions(command: Command, terminal: Terminal): void {
  const versions = command
    .command('versions')
    .summary('list what was applied')
    .description('List what was applied of a deployment, the newest first.');
  versions
    .argument('<deployment>', DEPLOYMENT_WORD)
    .addOption(outputOption(versions))
    .action(async (word: string, { output }: OutputOptions) => {
      // Loaded here: help and completion need no client.
      const { listVersions } = await import('../deployment-versions.ts');
      await listVersions(terminal, word, output);
    });

  const rollback = command
    .command('rollback')
    .summary('go back to a version')
    .description('Make a deployment what it was after a version.');
  rollback
    .argument('<deployment>', DEPLOYMENT_WORD)
    .argument('<version>', 'its number: see `ostinato deployment versions`', parseVersion)
    .addOption(outputOption(rollback))
    .action(async (word: string, version: number, { output }: OutputOptions) => {
      const { rollBack } = await import('../deployment-versions.ts');
      await rollBack(terminal, word, version, output);
    });
  addExamples(rollback, [['ostinato deployment rollback sales/nightly 3', 'is a further version']]);
  rollback.addHelpText(
    'after',
    `
Whether the deployment and its schedules are paused stays as it is. The file
is what it was: applied again, it wins over the rollback.
`,
  );
}

export function parseVersion(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be the number of a version, 1 or more.');
  return Number(text);
}
