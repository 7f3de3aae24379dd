import type { Command } from 'commander';

import { OstinatoError } from '../../core/errors.ts';
import { changeProfile } from '../../platform/profiles.ts';
import {
  locateProfile,
  parseSetting,
  requireSetting,
  resolveSettings,
  showSetting,
  showSource,
  tomlValue,
  writeSetting,
  type SettingName,
  type SettingValues,
} from '../../platform/settings.ts';
import { environmentName, SETTING_NAMES, SETTINGS } from '../../platform/settings-table.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { loadSettings } from '../settings.ts';
import { renderTable, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface ViewOptions extends OutputOptions {
  readonly sources?: boolean;
  readonly showSecrets?: boolean;
}

interface SettingRow {
  readonly key: string;
  readonly value: unknown;
  readonly text: string;
  readonly source: string;
  readonly isDefault: boolean;
}

export function define(command: Command, terminal: Terminal): void {
  const view = command.command('view').description('Show every setting in force.');
  view
    .option('--sources', 'also say where each value comes from')
    .option('--show-secrets', 'show passwords and keys')
    .addOption(outputOption(view))
    .action((options: ViewOptions) => viewSettings(terminal, options));
  addExamples(view, [
    ['ostinato config view', 'the values in force'],
    ['ostinato config view --sources', 'environment, project file, profile or default?'],
    ['ostinato config view --sources -o json', 'for a program'],
  ]);

  const set = command.command('set').description('Set values in the profile in force.');
  set
    .argument('<assignment...>', 'KEY=VALUE, or one KEY and its VALUE')
    .action((words: string[]) => setValues(terminal, readAssignments(words)));
  addExamples(set, [
    ['ostinato config set log.level=debug', 'by key'],
    ['ostinato config set OSTINATO_API_URL=http://localhost:4200/api', "by the variable's name"],
    ['ostinato --profile staging config set durability=sync', 'in another profile'],
  ]);

  const unset = command.command('unset').description('Remove values from the profile in force.');
  unset.argument('<key...>', 'key or variable name').action((words: string[]) => unsetValues(terminal, words));
  addExamples(unset, [['ostinato config unset log.level', 'back to the default']]);
}

function viewSettings(terminal: Terminal, { output, sources = false, showSecrets = false }: ViewOptions): void {
  const settings = loadSettings(terminal);
  const rows = SETTING_NAMES.map((name): SettingRow => {
    const value = settings.values[name];
    const text = showSecrets ? writeSetting(name, value) : showSetting(name, value);
    const source = settings.sources[name];
    return {
      key: SETTINGS[name].key,
      value: jsonValue(name, value, text),
      text,
      source: showSource(source),
      isDefault: source.kind === 'default',
    };
  });
  const columns: Column<SettingRow>[] = [
    { title: 'SETTING', text: ({ key }) => key, is: 'whole' },
    {
      title: 'VALUE',
      text: ({ text }) => text || '(not set)',
      style: ({ isDefault }) => (isDefault ? 'dim' : null),
      shrinks: true,
    },
    ...(sources ? [{ title: 'SOURCE', text: ({ source }: SettingRow) => source, shrinks: true, drops: 1 }] : []),
  ];
  const json = Object.fromEntries(rows.map(({ key, value, source }) => [key, sources ? { value, source } : value]));
  printResult(terminal, output, { profile: settings.profile, settings: json }, () => {
    return `Profile: ${settings.profile}${settings.projectFile === null ? '' : `   Project file: ${settings.projectFile}`}\n\n${renderTable(rows, columns, terminal)}`;
  });
}

/** Lists, numbers and booleans as JSON; everything else as text. */
function jsonValue(name: SettingName, value: unknown, text: string): unknown {
  return typeof value === 'string' || (!Array.isArray(value) && 'write' in SETTINGS[name]) ? text || null : value;
}

function readAssignments(words: readonly string[]): [name: SettingName, value: string][] {
  const [first = '', second] = words;
  if (words.length === 2 && second !== undefined && !first.includes('=')) return [[requireSetting(first), second]];
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at === -1)
      throw new OstinatoError('bad-input', `"${word}" is no assignment.`, {
        remedy: 'Write KEY=VALUE, for instance log.level=debug.',
      });
    return [requireSetting(word.slice(0, at)), word.slice(at + 1)];
  });
}

/** All values are validated before the first is written. */
function setValues(terminal: Terminal, assignments: readonly [SettingName, string][]): void {
  const { home, profile } = locate(terminal);
  const twice = assignments.find(([name], index) => assignments.findIndex(([other]) => other === name) < index);
  if (twice !== undefined)
    throw new OstinatoError('bad-input', `${SETTINGS[twice[0]].key} is given twice.`, {
      remedy: 'Give each setting once.',
    });
  const checked = assignments.map(([name, text]) => {
    requireInProfiles(name);
    return [
      name,
      parseSetting(
        name,
        text,
        terminal.workingDirectory,
        'the command line',
        `Write ${SETTINGS[name].key}=VALUE with such a value.`,
      ),
    ] as const;
  });
  for (const [name, value] of checked) {
    changeProfile(home, profile, SETTINGS[name].key, tomlValue(name, value as never));
    terminal.out(
      `${SETTINGS[name].key} = ${showSetting(name, value as SettingValues[typeof name])} in profile ${profile}\n`,
    );
  }
  warnIfHidden(
    terminal,
    checked.map(([name]) => name),
  );
}

function unsetValues(terminal: Terminal, words: readonly string[]): void {
  const { home, profile, profiles } = locate(terminal);
  const held = profiles.byName.get(profile);
  // Unknown settings may have been written by hand, or by another version.
  for (const key of words.map((word) => (held?.has(word) === true ? word : SETTINGS[requireSetting(word)].key))) {
    const changed = changeProfile(home, profile, key, null);
    terminal.out(
      changed ? `${key} removed from profile ${profile}\n` : `${key} is not set in profile ${profile}: nothing to do\n`,
    );
  }
}

function locate(terminal: Terminal): ReturnType<typeof locateProfile> {
  return locateProfile({ environment: terminal.environment, workingDirectory: terminal.workingDirectory });
}

function requireInProfiles(name: SettingName): void {
  const { key, outsideProfiles } = SETTINGS[name];
  if (outsideProfiles !== true) return;
  throw new OstinatoError('bad-input', `A profile cannot hold "${key}".`, {
    remedy: `Set ${environmentName(key)}, or "${key}" in ostinato.toml.`,
  });
}

/** Warns when a stronger source hides the value that was set, which would look like a defect. */
function warnIfHidden(terminal: Terminal, names: readonly SettingName[]): void {
  const { sources } = resolveSettings({
    environment: terminal.environment,
    workingDirectory: terminal.workingDirectory,
  });
  for (const name of names) {
    if (sources[name].kind === 'profile') continue;
    terminal.err(
      `${terminal.styleErr('yellow', 'Warning:')} ${SETTINGS[name].key} stays hidden by ${showSource(sources[name])}.\n`,
    );
  }
}
