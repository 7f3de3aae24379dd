/** Why a flow file cannot be used, in words that say what to do. */
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { OstinatoError } from '../core/errors.ts';
import { thrownText } from '../core/show-value.ts';
import { didYouMean } from '../core/nearest-word.ts';

export interface FileAndExport {
  /** Absolute, without links. */
  readonly path: string;
  readonly exportName: string | null;
}

const FLOW_FILE = /\.[cm]?[jt]s$/;

/** Takes `flows/etl.ts:main` apart. `not-found` when there is no such file. */
export function locateFlowFile(word: string, base: string): FileAndExport {
  const whole = resolve(base, word);
  const colon = word.lastIndexOf(':');
  // A colon may be part of the path (C:\flows): what exists as it stands is a path.
  const [path, exportName] = existsSync(whole) || colon < 2 ? [whole, null] : [resolve(base, word.slice(0, colon)), word.slice(colon + 1)];
  if (!existsSync(path)) throw noSuchFile(path, base);
  if (statSync(path).isDirectory()) throw new OstinatoError('bad-input', `${path} is a folder.`, { remedy: `Name a file in it${suggestFile(path)}.` });
  if (exportName === '') throw new OstinatoError('bad-input', `"${word}" ends in a colon.`, { remedy: 'Name an export after it (flows.ts:etl), or leave the colon out.' });
  if (!FLOW_FILE.test(path)) {
    const remedy = /\.[jt]sx$/.test(path) ? 'Files with JSX do not run as they are: put the flow into a file of its own.' : 'Flow files end in .ts, .mts, .js or .mjs.';
    throw new OstinatoError('bad-input', `${path} is not a TypeScript or JavaScript file.`, { remedy });
  }
  return { path: realpathSync(path), exportName };
}

function noSuchFile(path: string, base: string): OstinatoError {
  const folder = dirname(path);
  if (!existsSync(folder)) return new OstinatoError('not-found', `There is no file ${path}: the folder ${folder} does not exist.`, { remedy: 'Check the path.' });
  const files = readdirSync(folder).filter((name) => FLOW_FILE.test(name));
  return new OstinatoError('not-found', `There is no file ${relative(base, path) || path}.${didYouMean(basename(path), files)}`, { remedy: `Check the path; it was looked for in ${folder}.` });
}

function suggestFile(folder: string): string {
  const [file] = readdirSync(folder).filter((name) => FLOW_FILE.test(name) && !/\.(test|spec|d)\./.test(name));
  return file === undefined ? '' : `, for instance ${file}`;
}

/** `entrypoint-unusable`: the file was found but could not be loaded. */
export function loadFailure(path: string, error: unknown): OstinatoError {
  if (OstinatoError.is(error)) return error;
  const { code, message, stack = '', name } = error instanceof Error ? (error as NodeJS.ErrnoException) : { code: undefined, message: thrownText(error), stack: '', name: 'Error' };
  const fail = (what: string, remedy: string): OstinatoError => new OstinatoError('entrypoint-unusable', what, { cause: error, remedy });
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return fail(`${placeOf(stack, path)} uses TypeScript that does not run as it is: ${message}`, 'Types are taken out, nothing is compiled: use an object instead of an enum, and fields instead of parameter properties.');
  }
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return missingModule(path, message, fail);
  if (name === 'SyntaxError') {
    const isExport = /does not provide an export/.test(message);
    return fail(`${placeOf(stack, path)} ${isExport ? 'cannot be linked' : 'cannot be parsed'}: ${message}`, isExport ? 'Check the name that is imported; import types with `import type`.' : 'Correct the file.');
  }
  return fail(`${path} threw while it was loaded: ${name}: ${message}`, `${firstFrame(stack)}Code at the top level runs on loading: put work into the flow.`);
}

function missingModule(path: string, message: string, fail: (what: string, remedy: string) => OstinatoError): OstinatoError {
  const found = /Cannot find (package|module) '([^']+)'(?: imported from (.+))?/.exec(message);
  const [, kind, what = '', importer = path] = found ?? [];
  if (kind === 'package') return fail(`${importer} imports the package "${what}", which is not installed.`, `Install it in the project: npm install ${packageName(what)}`);
  if (found === null) return fail(`${path} cannot be loaded: ${message}`, 'Check what it imports.');
  const file = what.startsWith('file:') ? fileURLToPath(what) : what;
  const near = existsSync(dirname(file)) ? didYouMean(basename(file), readdirSync(dirname(file))) : '';
  return fail(`${importer} imports ${file}, which does not exist.${near}`, 'Check the path of the import.');
}

function packageName(specifier: string): string {
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Node puts `file:///path:line` before the message of a syntax error. */
function placeOf(stack: string, path: string): string {
  const [, url, line] = /^((?:file:\/\/)?\/[^\n]*?):(\d+)(?::\d+)?\n/.exec(stack) ?? [];
  if (url === undefined) return path;
  return `${url.startsWith('file:') ? fileURLToPath(url) : url}:${line}`;
}

/** Where in the user's code it was thrown. */
function firstFrame(stack: string): string {
  const frame = stack.split('\n').find((line) => /^\s+at .*(?:file:\/\/\/|\()\/?/.test(line) && !line.includes('node:'));
  return frame === undefined ? '' : `It was thrown${frame.replace(/^\s+at/, ' at')}. `;
}
