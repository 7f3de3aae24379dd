/**
 * Named sets of settings, in `<home>/profiles.toml`.
 *
 * Written whole each time, to a file beside it that is then renamed: a reader sees the old file or the new one. There
 * is always a profile `default`, also when the file is absent.
 */
import { join } from 'node:path';

import { OstinatoError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { shellWord } from '../core/shell-word.ts';
import { flattenTable, isTable, readTomlFile, tomlScalar, type TomlScalar } from './toml-file.ts';
import { underLock } from './file-lock.ts';
import { writeWhole } from './whole-file.ts';

export const DEFAULT_PROFILE = 'default';
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export interface Profiles {
  /** The one chosen by `ostinato profile use`. */
  readonly active: string;
  readonly byName: ReadonlyMap<string, ReadonlyMap<string, TomlScalar>>;
}

export function profilesPath(home: string): string {
  return join(home, 'profiles.toml');
}

export function readProfiles(home: string): Profiles {
  const path = profilesPath(home);
  const table = readTomlFile(path) ?? {};
  const byName = new Map<string, ReadonlyMap<string, TomlScalar>>([[DEFAULT_PROFILE, new Map()]]);
  for (const key of Object.keys(table)) {
    if (key !== 'active' && key !== 'profiles') {
      throw new OstinatoError(
        'bad-input',
        `Unknown key "${key}" in ${path}.${didYouMean(key, ['active', 'profiles'])}`,
        { remedy: 'Settings go under [profiles.NAME]; beside these there is only `active`.' },
      );
    }
  }
  for (const [name, settings] of Object.entries(isTable(table['profiles']) ? table['profiles'] : {})) {
    if (!isTable(settings))
      throw new OstinatoError('bad-input', `"profiles.${name}" in ${path} must be a table of settings.`);
    byName.set(name, flattenTable(settings, path));
  }
  const active = typeof table['active'] === 'string' ? table['active'] : DEFAULT_PROFILE;
  return { active, byName };
}

/**
 * Reads, changes and writes exclusively: of two concurrent changes none is lost.
 * @param make returns the new profiles; `null`: no change
 * @returns whether there was a change
 */
function alterProfiles(home: string, make: (profiles: Profiles) => Profiles | null): boolean {
  try {
    return underLock(`${profilesPath(home)}.lock`, () => {
      const made = make(readProfiles(home));
      if (made !== null) writeProfiles(home, made);
      return made !== null;
    });
  } catch (cause) {
    if (OstinatoError.is(cause)) throw cause;
    throw unwritable(profilesPath(home), cause);
  }
}

function writeProfiles(home: string, { active, byName }: Profiles): void {
  const path = profilesPath(home);
  const sections = [...byName].map(([name, settings]) =>
    [`[profiles.${name}]`, ...[...settings].map(([key, value]) => `${key} = ${tomlScalar(value)}`)].join('\n'),
  );
  const head = '# Kept by `ostinato profile` and `ostinato config`, which rewrite it without other comments.';
  const text = `${head}\nactive = ${tomlScalar(active)}\n\n${sections.join('\n\n')}\n`;
  try {
    // Only this user may read the file: a profile may contain a database password.
    writeWhole(path, text);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): OstinatoError {
  return new OstinatoError('bad-input', `${path} cannot be written: ${(cause as Error).message}`, {
    cause,
    remedy: 'Make the folder writable, or choose another one with OSTINATO_HOME.',
  });
}

/** The settings of a profile. @throws `not-found` */
export function profileSettings(profiles: Profiles, name: string): ReadonlyMap<string, TomlScalar> {
  const settings = profiles.byName.get(name);
  if (settings === undefined) {
    throw new OstinatoError('not-found', `There is no profile "${name}".${didYouMean(name, profiles.byName.keys())}`, {
      remedy: `${NAME.test(name) ? `Make it with \`ostinato profile create ${shellWord(name)}\`, or see` : 'See'} \`ostinato profile ls\`.`,
    });
  }
  return settings;
}

/** @throws `conflict` when it exists, `bad-input` for a name that cannot be a TOML key */
export function createProfile(home: string, name: string, from?: string): void {
  alterProfiles(home, (profiles) => {
    requireFreeName(profiles, name);
    const settings = from === undefined ? new Map<string, TomlScalar>() : profileSettings(profiles, from);
    return { ...profiles, byName: new Map([...profiles.byName, [name, settings]]) };
  });
}

export function useProfile(home: string, name: string): void {
  alterProfiles(home, (profiles) => {
    profileSettings(profiles, name);
    return { ...profiles, active: name };
  });
}

export function renameProfile(home: string, from: string, to: string): void {
  alterProfiles(home, (profiles) => {
    const settings = profileSettings(profiles, from);
    requireFreeName(profiles, to);
    const byName = new Map([...profiles.byName].filter(([name]) => name !== from)).set(to, settings);
    return { active: profiles.active === from ? to : profiles.active, byName };
  });
}

/** @throws `conflict` for the active profile, whose removal would change settings unnoticed */
export function deleteProfile(home: string, name: string): void {
  alterProfiles(home, (profiles) => {
    profileSettings(profiles, name);
    if (profiles.active === name) {
      throw new OstinatoError('conflict', `Profile "${name}" is the active one.`, {
        remedy: 'Choose another first: `ostinato profile use NAME`.',
      });
    }
    return { ...profiles, byName: new Map([...profiles.byName].filter(([other]) => other !== name)) };
  });
}

/**
 * Sets (or with `null` removes) one key of a profile; the caller has validated both.
 * @returns whether anything changed
 */
export function changeProfile(home: string, name: string, key: string, value: TomlScalar | null): boolean {
  return alterProfiles(home, (profiles) => {
    const settings = new Map(profileSettings(profiles, name));
    if (settings.get(key) === (value ?? undefined)) return null;
    if (value === null) settings.delete(key);
    else settings.set(key, value);
    return { ...profiles, byName: new Map([...profiles.byName, [name, settings]]) };
  });
}

function requireFreeName(profiles: Profiles, name: string): void {
  if (!NAME.test(name)) {
    throw new OstinatoError('bad-input', `"${name}" cannot name a profile.`, {
      remedy: 'Use up to 64 letters, digits, "-" and "_".',
    });
  }
  if (profiles.byName.has(name)) {
    throw new OstinatoError('conflict', `There is already a profile "${name}".`, {
      remedy: 'Choose another name or delete that profile first.',
    });
  }
}
