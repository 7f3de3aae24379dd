import type { Command } from 'commander';

import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

export interface ApplyOptions extends OutputOptions {
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

export function defineApply(command: Command, terminal: Terminal): void {
  const apply = command
    .command('apply')
    .summary('bring the server to files')
    .description('Bring the server to what files say of deployments.');
  apply
    .argument('<file...>', 'as `ostinato deployment build` writes them; `---` stands between several in one')
    .option('--dry-run', 'tell what would be changed, and change nothing')
    .option('--force', 'take what the file says where somebody has changed it by hand, too')
    .addOption(outputOption(apply))
    .action(async (files: string[], options: ApplyOptions) => {
      // Loaded here: help and completion need no engine.
      const { applyDeployments } = await import('../apply-deployments.ts');
      await applyDeployments(terminal, files, options);
    });
  addExamples(apply, [
    ['ostinato deployment apply sales-deployment.yaml', 'makes the deployment, or changes it'],
    ['ostinato deployment apply deployments/*.yaml', 'all of them, or none where one is wrong'],
    ['ostinato deployment apply sales-deployment.yaml --dry-run', 'what would be changed'],
  ]);
  apply.addHelpText(
    'after',
    `
Every file is read and compared with its flow first. When something is wrong,
each mistake is told with its line, and nothing is applied. Of three, what was
applied last, what is there and the file, it makes one:

  what the file does not say          stays as it is
  what the file has changed           is set
  what somebody has changed by hand   stays, and is told (=)
  what both have changed              is refused (!), unless --force is given

\`schedules: []\` takes all schedules away. Each application that changes
something is a version: ostinato deployment versions.
`,
  );
}

export function defineDiff(command: Command, terminal: Terminal): void {
  const diff = command
    .command('diff')
    .summary('show what was changed by hand')
    .description('Show in what deployments differ from files: what was changed by hand since they were applied.');
  diff
    .argument('<file...>', 'as `ostinato deployment build` writes them')
    .addOption(outputOption(diff))
    .action(async (files: string[], options: OutputOptions) => {
      // Loaded here: help and completion need no engine.
      const { applyDeployments } = await import('../apply-deployments.ts');
      await applyDeployments(terminal, files, { ...options, dryRun: true });
    });
  addExamples(diff, [['ostinato deployment diff sales-deployment.yaml', 'as apply --dry-run']]);
}
