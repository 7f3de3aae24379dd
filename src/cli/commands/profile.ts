import type { Command } from 'commander';

import { shellWord } from '../../core/shell-word.ts';
import {
  createProfile,
  deleteProfile,
  profileSettings,
  profilesPath,
  renameProfile,
  useProfile,
} from '../../platform/profiles.ts';
import { locateProfile, showSetting } from '../../platform/settings.ts';
import { findSetting, SETTINGS, type Setting } from '../../platform/settings-table.ts';
import type { TomlScalar } from '../../platform/toml-file.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { renderFacts, renderTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

export function define(command: Command, terminal: Terminal): void {
  const locate = () =>
    locateProfile({ environment: terminal.environment, workingDirectory: terminal.workingDirectory });

  const list = command.command('ls').description('List the profiles.');
  list.addOption(outputOption(list)).action(({ output }: OutputOptions) => {
    const { profiles, profile } = locate();
    const rows = [...profiles.byName].map(([name, settings]) => ({
      name,
      active: name === profile,
      settings: settings.size,
    }));
    printResult(terminal, output, rows, () =>
      renderTable(
        rows,
        [
          { title: 'ACTIVE', text: ({ active }) => (active ? '*' : '') },
          { title: 'NAME', text: ({ name }) => name, is: 'whole', style: ({ active }) => (active ? 'green' : null) },
          { title: 'SETTINGS', text: ({ settings }) => String(settings), align: 'right', drops: 1 },
        ],
        terminal,
      ),
    );
  });

  const create = command.command('create').description('Make a profile.');
  create
    .argument('<name>')
    .option('--from <name>', 'copy the settings of this profile')
    .action((name: string, { from }: { from?: string }) => {
      createProfile(locate().home, name, from);
      terminal.out(`Profile ${name} made. Use it with: ostinato profile use ${shellWord(name)}\n`);
    });
  addExamples(create, [['ostinato profile create staging --from default', 'starts as a copy']]);

  command
    .command('use')
    .description('Make a profile the active one.')
    .argument('<name>')
    .action((name: string) => {
      useProfile(locate().home, name);
      terminal.out(`Profile ${name} is active.\n`);
      if (locate().profile !== name)
        terminal.err(
          `${terminal.styleErr('yellow', 'Warning:')} OSTINATO_PROFILE or the project file asks for profile ${locate().profile}, which counts more.\n`,
        );
    });

  const inspect = command.command('inspect').description('Show the settings that a profile holds.');
  inspect
    .argument('[name]', 'the active one when absent')
    .addOption(outputOption(inspect))
    .action((name: string | undefined, { output }: OutputOptions) => {
      const { profiles, profile, home } = locate();
      const chosen = name ?? profile;
      const settings = [...profileSettings(profiles, chosen)].map(
        ([key, value]) => [key, maskValue(key, value)] as const,
      );
      printResult(
        terminal,
        output,
        { name: chosen, active: chosen === profile, path: profilesPath(home), settings: Object.fromEntries(settings) },
        () =>
          settings.length === 0
            ? `Profile ${chosen} holds no settings.`
            : renderFacts(
                settings.map(([key, value]) => [key, String(value)]),
                terminal,
              ),
      );
    });

  command
    .command('delete')
    .description('Delete a profile that is not active.')
    .argument('<name>')
    .action((name: string) => {
      deleteProfile(locate().home, name);
      terminal.out(`Profile ${name} deleted.\n`);
    });

  command
    .command('rename')
    .description('Give a profile another name.')
    .argument('<name>')
    .argument('<new-name>')
    .action((name: string, newName: string) => {
      renameProfile(locate().home, name, newName);
      terminal.out(`Profile ${name} is now ${newName}.\n`);
    });

  addExamples(command, [
    ['ostinato profile create staging', 'a new set of settings'],
    ['ostinato --profile staging config set api.url=http://staging:4200/api', 'fill it'],
    ['ostinato profile use staging', 'from now on'],
    ['OSTINATO_PROFILE=default ostinato version', 'for one command'],
  ]);
}

/** A value as it is stored, with passwords masked. */
function maskValue(key: string, value: TomlScalar): TomlScalar {
  const name = findSetting(key);
  return name === null || (SETTINGS[name] as unknown as Setting<unknown>).mask === undefined
    ? value
    : showSetting(name, String(value) as never);
}
