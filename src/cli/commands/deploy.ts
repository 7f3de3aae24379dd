import type { Command } from 'commander';

import { collect } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

export interface DeployOptions extends OutputOptions {
  readonly all?: boolean;
  readonly name?: readonly string[];
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly force?: boolean;
  readonly file?: string;
}

export function define(command: Command, terminal: Terminal): void {
  command
    .description('Bring the server to what ostinato.yaml says: all deployments of a project, or some.')
    .option('--all', 'all of them')
    .option('-n, --name <name>', 'this one: NAME or FLOW/NAME; repeat it for several', collect)
    .option('--dry-run', 'only show what would be done: no steps, nothing applied')
    .option('--prune', 'with --all: delete those that this project deployed before and names no more')
    .option('--force', 'take what the file says where somebody has changed it by hand, too')
    .option('--file <path>', 'another file than ostinato.yaml in this folder')
    .addOption(outputOption(command))
    .action(async (options: DeployOptions) => {
      // Loaded here: help and completion need no engine.
      const { deployProject } = await import('../deploy-project.ts');
      await deployProject(terminal, options);
    });
  addExamples(command, [
    ['ostinato deploy --all', 'every deployment of the file'],
    ['ostinato deploy -n nightly --dry-run', 'what would change of one'],
    ['ostinato deploy --all --prune', 'and delete what the file names no more'],
  ]);
  command.addHelpText(
    'after',
    `
\`ostinato init --deployments\` writes such a file. Everything in it is checked
before the first step is run, and the flows before anything is applied. What was
changed by hand stays, or is refused, as with: ostinato deployment apply. Each
application that changes something is a version: ostinato deployment versions.
`,
  );
}
