/**
 * The settings in force and where each came from.
 *
 * From strong to weak: environment variable, `ostinato.toml` (the nearest at or above the working directory), the
 * active profile, default. A value is validated wherever it came from, also when a stronger source hides it.
 */
import { dirname } from 'node:path';

import { OstinatoError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { operandWords, shellWord } from '../core/shell-word.ts';
import { profileSettings, profilesPath, readProfiles, type Profiles } from './profiles.ts';
import {
  environmentName,
  findSetting,
  SETTING_KEYS,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  type SettingName,
  type SettingValues,
} from './settings-table.ts';
import { workingDirectory as currentFolder } from './working-directory.ts';
import { findUpward, flattenTable, readTomlFile, type TomlScalar } from './toml-file.ts';

export type { SettingName, SettingValues } from './settings-table.ts';

export const PROJECT_FILE = 'ostinato.toml';

export type SettingSource =
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'project'; readonly path: string }
  | { readonly kind: 'profile'; readonly profile: string; readonly path: string }
  | { readonly kind: 'default' };

export interface Settings {
  readonly values: SettingValues;
  readonly sources: Readonly<Record<SettingName, SettingSource>>;
  /** The profile in force; `default` when none was chosen. */
  readonly profile: string;
  /** The project file found, or `null`. */
  readonly projectFile: string | null;
  /** Sentences about `OSTINATO_…` variables that are no setting: likely mistakes, but another program may own them. */
  readonly warnings: readonly string[];
}

export interface Layer {
  readonly entries: ReadonlyMap<string, TomlScalar>;
  readonly source: (name: SettingName) => SettingSource;
  /** The folder that relative paths start at. */
  readonly base: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface SettingsOptions {
  readonly environment?: Environment | undefined;
  readonly workingDirectory?: string | undefined;
}

/** Known before any profile is read: enough to repair a broken profile. */
export interface ProfileLocation {
  readonly home: string;
  /** The profile that the environment or the project file selects, else the active one; it may not exist. */
  readonly profile: string;
  readonly projectFile: string | null;
}

export function locateProfile(
  options: SettingsOptions = {},
): ProfileLocation & { readonly profiles: Profiles; readonly layers: readonly Layer[] } {
  const environment = options.environment ?? process.env;
  const workingDirectory = options.workingDirectory ?? currentFolder().path;
  const projectFile = findUpward(workingDirectory, PROJECT_FILE);
  const layers = [
    environmentLayer(environment, workingDirectory),
    ...(projectFile === null ? [] : [projectLayer(projectFile)]),
  ];
  const home = pick('home', layers, '').value as string;
  const profiles = readProfiles(home);
  const profile = (pick('profile', layers, home).value as string | null) ?? profiles.active;
  return { home, profile, projectFile, profiles, layers };
}

/** @throws `bad-input` naming key, value, rule and source; `not-found` when the chosen profile does not exist */
export function resolveSettings(options: SettingsOptions = {}): Settings {
  const { home, profile, projectFile, profiles, layers: outer } = locateProfile(options);
  const layers = [...outer, profileLayer(profile, profileSettings(profiles, profile), profilesPath(home))];

  const values: Record<string, unknown> = {};
  const sources = {} as Record<SettingName, SettingSource>;
  for (const name of SETTING_NAMES) {
    const picked = pick(name, layers, home);
    values[name] = picked.value;
    sources[name] = picked.source;
  }
  return {
    values: values as SettingValues,
    sources,
    profile,
    projectFile,
    warnings: [...removedFolder(options), ...environmentSlips(options.environment ?? process.env)],
  };
}

/**
 * Validates one value by its setting's rule.
 *
 * @param where completes "… (from WHERE)"
 * @throws `bad-input`
 */
export function parseSetting(name: SettingName, value: TomlScalar, base: string, where: string, remedy = ''): unknown {
  const setting = SETTINGS[name] as unknown as Setting<unknown>;
  const parsed = setting.parse(String(value), base);
  if (parsed === undefined) {
    const shown = setting.mask === undefined ? JSON.stringify(value) : JSON.stringify(setting.mask(String(value)));
    throw new OstinatoError(
      'bad-input',
      `Setting ${setting.key} is ${shown} (from ${where}), but it must be ${setting.rule}.`,
      { remedy: remedy || 'Correct it there, or remove it there: what is weaker counts then, in the end the default.' },
    );
  }
  return parsed;
}

/** The setting of that key or environment variable. @throws `bad-input` with the nearest key */
export function requireSetting(
  word: string,
  where = '',
  remedy = `The settings are ${SETTING_KEYS.join(', ')}.`,
): SettingName {
  const name = findSetting(word);
  if (name !== null) return name;
  const candidates = word.startsWith('OSTINATO_') ? SETTING_KEYS.map(environmentName) : SETTING_KEYS;
  throw new OstinatoError('bad-input', `There is no setting "${word}"${where}.${didYouMean(word, candidates)}`, {
    remedy,
  });
}

/** The value as text for people: passwords hidden, nothing for "not set". */
export function showSetting<Name extends SettingName>(name: Name, value: SettingValues[Name]): string {
  const setting = SETTINGS[name] as unknown as Setting<SettingValues[Name]>;
  return setting.mask?.(value) ?? writeSetting(name, value);
}

/** The value as it is written in a file or a variable, which reads back as the same; nothing for "not set". */
export function writeSetting<Name extends SettingName>(name: Name, value: SettingValues[Name]): string {
  const setting = SETTINGS[name] as unknown as Setting<SettingValues[Name]>;
  return setting.write?.(value) ?? String(value ?? '');
}

/** The value as it is kept in a file. */
export function tomlValue<Name extends SettingName>(name: Name, value: SettingValues[Name]): TomlScalar {
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  return isPlain && !('write' in SETTINGS[name]) ? value : writeSetting(name, value);
}

/** Where a value came from, in words. */
export function showSource(source: SettingSource): string {
  switch (source.kind) {
    case 'environment':
      return `environment variable ${source.variable}`;
    case 'project':
      return source.path;
    case 'profile':
      return `profile ${source.profile} in ${source.path}`;
    case 'default':
      return 'default';
  }
}

function pick(name: SettingName, layers: readonly Layer[], home: string): { value: unknown; source: SettingSource } {
  const { key, fallback } = SETTINGS[name];
  const found: { value: unknown; source: SettingSource }[] = [];
  for (const layer of layers) {
    const entry = layer.entries.get(key);
    if (entry === undefined) continue;
    const source = layer.source(name);
    found.push({ value: parseSetting(name, entry, layer.base, showSource(source), remedyFor(source, key)), source });
  }
  return found[0] ?? { value: fallback(home), source: { kind: 'default' } };
}

/** Commands that change a profile also work while it is broken; all others need valid settings. */
function remedyFor(source: SettingSource, key: string): string {
  return source.kind === 'profile'
    ? `Correct it with: ostinato --profile ${shellWord(source.profile)} config set ${key}=VALUE, or take it away: ostinato --profile ${shellWord(source.profile)} config unset ${key}`
    : '';
}

/** An empty variable counts as absent, since shells cannot unset one for a single command. */
function environmentLayer(environment: Environment, base: string): Layer {
  const entries = new Map<string, TomlScalar>();
  for (const key of SETTING_KEYS) {
    const value = environment[environmentName(key)];
    if (value !== undefined && value !== '') entries.set(key, value);
  }
  return { entries, base, source: (name) => ({ kind: 'environment', variable: environmentName(SETTINGS[name].key) }) };
}

function projectLayer(path: string): Layer {
  const entries = flattenTable(readTomlFile(path) ?? {}, path);
  for (const key of entries.keys()) requireSetting(key, ` (in ${path})`);
  return { entries, base: dirname(path), source: () => ({ kind: 'project', path }) };
}

function profileLayer(profile: string, entries: ReadonlyMap<string, TomlScalar>, path: string): Layer {
  for (const key of entries.keys()) {
    const name = requireSetting(
      key,
      ` (in profile ${profile} of ${path})`,
      `Take it away: ostinato --profile ${shellWord(profile)} config unset ${operandWords(key)}`,
    );
    if (SETTINGS[name].outsideProfiles === true) {
      throw new OstinatoError('bad-input', `A profile cannot hold "${key}" (in profile ${profile} of ${path}).`, {
        remedy: `Set ${environmentName(key)}, or "${key}" in ${PROJECT_FILE}.`,
      });
    }
  }
  return { entries, base: dirname(path), source: () => ({ kind: 'profile', profile, path }) };
}

function removedFolder({ workingDirectory: given }: SettingsOptions): string[] {
  const { path, warning } = currentFolder();
  return warning === null || (given !== undefined && given !== path) ? [] : [warning];
}

function environmentSlips(environment: Environment): string[] {
  const known = SETTING_KEYS.map(environmentName);
  return Object.keys(environment)
    .filter((variable) => /^OSTINATO_(?!_)/.test(variable) && !known.includes(variable))
    .map((variable) => `${variable} is no setting.${didYouMean(variable, known)}`);
}
