/**
 * Settings as TOML: tables are joined to dotted keys, so `[log] level = "debug"` and `log.level = "debug"` are the
 * same.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { OstinatoError } from '../core/errors.ts';

export type TomlScalar = string | number | boolean;
type TomlTable = Readonly<Record<string, unknown>>;

/** The parser is loaded only when there is a file to parse. @returns `null` when there is no such file */
export function readTomlFile(path: string): TomlTable | null {
  if (!existsSync(path)) return null;
  const text = readText(path);
  const { parse } = createRequire(import.meta.url)('smol-toml') as typeof import('smol-toml');
  try {
    return parse(text);
  } catch (cause) {
    const { line, column } = cause as { line?: number; column?: number };
    const why = String((cause as Error).message).split('\n')[0];
    throw new OstinatoError('bad-input', `${path}:${line ?? 1}:${column ?? 1} is not valid TOML: ${why}`, {
      cause,
      remedy: 'Correct the line; text values need double quotes.',
    });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new OstinatoError('bad-input', `${path} cannot be read: ${(cause as Error).message}`, {
      cause,
      remedy: 'Make it a readable file or remove it.',
    });
  }
}

/** @throws `bad-input` for a list, a date or another value that no setting has */
export function flattenTable(table: TomlTable, path: string, prefix = ''): Map<string, TomlScalar> {
  const flat = new Map<string, TomlScalar>();
  for (const [name, value] of Object.entries(table)) {
    const key = prefix + name;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      flat.set(key, value);
    } else if (isTable(value)) {
      for (const [inner, scalar] of flattenTable(value, path, `${key}.`)) flat.set(inner, scalar);
    } else {
      throw new OstinatoError('bad-input', `"${key}" in ${path} must be text, a number, true or false.`, {
        remedy: `Write it as text, for instance ${key} = "…"; the words of a list are separated by commas in it.`,
      });
    }
  }
  return flat;
}

export function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** A TOML basic string takes JSON's escapes; DEL is the one character that JSON leaves bare and TOML forbids. */
export function tomlScalar(value: TomlScalar): string {
  return typeof value === 'string' ? JSON.stringify(value).replaceAll('\u007f', '\\u007f') : String(value);
}

/** The nearest file of that name in `folder` or above it, or `null`. */
export function findUpward(folder: string, name: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, name);
    if (existsSync(path)) return path;
    if (dirname(at) === at) return null;
  }
}
