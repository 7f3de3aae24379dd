import type { Command } from 'commander';

import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';

export interface AutomationFileOptions extends OutputOptions {
  readonly fromFile: string;
}

export interface ApplyAutomationOptions extends AutomationFileOptions {
  readonly dryRun?: boolean;
}

const FROM_FILE = [
  '-f, --from-file <file>',
  'YAML or JSON: one automation, a list of them, or `automations:`',
] as const;

export function defineFiles(command: Command, terminal: Terminal, word: string): void {
  const create = command
    .command('create')
    .summary('make those of a file')
    .description('Create the automations that a file describes.');
  create
    .requiredOption(...FROM_FILE)
    .addOption(outputOption(create))
    .action(async (options: AutomationFileOptions) => {
      await (await loaded()).createAutomations(terminal, options);
    });

  const update = command
    .command('update')
    .summary('change it to what a file says')
    .description('Change an automation to what a file says of it.');
  update
    .argument('<automation>', word)
    .requiredOption(...FROM_FILE)
    .addOption(outputOption(update))
    .action(async (name: string, options: AutomationFileOptions) => {
      await (await loaded()).updateAutomation(terminal, name, options);
    });

  const apply = command
    .command('apply')
    .summary('bring the server to a file')
    .description('Create the automations of a file, or change those that have their names.');
  apply
    .requiredOption(...FROM_FILE)
    .option('--dry-run', 'tell what would be changed, and change nothing')
    .addOption(outputOption(apply))
    .action(async (options: ApplyAutomationOptions) => {
      await (await loaded()).applyAutomations(terminal, options);
    });
  addExamples(apply, [
    ['ostinato automation apply -f automations.yaml --dry-run', 'what would be changed'],
    ['ostinato automation export late-reports > late.yaml', 'a file of one that is there'],
  ]);
  apply.addHelpText(
    'after',
    `
Files are those of Prefect. Besides, an action may name what it is about:
deployment: FLOW/NAME, work_pool: NAME, work_queue: POOL/QUEUE,
automation: NAME, block: TYPE/NAME. When something is wrong, each mistake is
told with its line, and nothing is applied. What a file does not say stays.
`,
  );

  const exporting = command
    .command('export')
    .summary('print it as a file')
    .description('Print an automation as a file that apply takes.');
  exporting
    .argument('<automation>', word)
    .addOption(
      exporting.createOption('-o, --output <format>', 'how to print it').choices(['yaml', 'json']).default('yaml'),
    )
    .action(async (name: string, { output }: { readonly output: 'yaml' | 'json' }) => {
      await (await loaded()).exportAutomation(terminal, name, output);
    });
}

/** Loaded with the first of them: help and completion need no client. */
async function loaded() {
  return await import('../apply-automations.ts');
}
