import type { Command } from 'commander';

import { packageVersion } from '../../platform/package-version.ts';
import { showSetting } from '../../platform/settings.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { loadSettings } from '../settings.ts';
import { renderFacts } from '../table.ts';
import type { Terminal } from '../terminal.ts';

export function define(command: Command, terminal: Terminal): void {
  command.addOption(outputOption(command)).action(({ output }: OutputOptions) => {
    const { values, profile } = loadSettings(terminal);
    const facts = {
      version: packageVersion(),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      database: showSetting('databaseUrl', values.databaseUrl),
      api: showSetting('apiUrl', values.apiUrl) || null,
      home: values.home,
      profile,
    };
    const lines = Object.entries({ ...facts, api: facts.api ?? 'none: embedded, no server needed' });
    printResult(terminal, output, facts, () => renderFacts(lines, terminal));
  });
  addExamples(command, [
    ['ostinato version', 'what a bug report should say'],
    ['ostinato version -o json', 'the same for a program'],
  ]);
}
