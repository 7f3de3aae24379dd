/**
 * Explains why a flow file could not be loaded, and what to do. A table with one entry a cause; the first that matches
 * is used.
 */
import { sep } from 'node:path';

import { OstinatoError } from '../core/errors.ts';
import { codeFolder } from '../platform/own-package.ts';
import { missingFile, missingPackage, nearestBuiltin } from './load-failure-imports.ts';
import { brokenSyntax, unsupportedSyntax } from './load-failure-syntax.ts';
import { describeThrown, importerOf, type Thrown, type LoadExplanation } from './load-thrown.ts';

interface Cause {
  /** The error's code, or a predicate. */
  readonly fits: string | ((error: Thrown) => boolean);
  readonly explain: (error: Thrown, path: string) => LoadExplanation;
}

const CAUSES: readonly Cause[] = [
  { fits: 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX', explain: unsupportedSyntax },
  { fits: ({ code, message }) => isNotFound(code) && message.includes('Cannot find package'), explain: missingPackage },
  { fits: ({ code }) => isNotFound(code), explain: missingFile },
  { fits: 'ERR_PACKAGE_IMPORT_NOT_DEFINED', explain: missingPackage },
  {
    fits: 'ERR_PACKAGE_PATH_NOT_EXPORTED',
    explain: ({ message }, path) => [
      `${importerOf(message, path)} imports a part of a package that it does not offer: ${firstSentence(message)}`,
      'Check the path behind the name of the package: "exports" in its package.json lists what can be imported.',
    ],
  },
  {
    fits: 'ERR_UNSUPPORTED_DIR_IMPORT',
    explain: ({ message }, path) => [
      `${importerOf(message, path)} imports the folder ${quotedIn(message)}, which has no index.ts.`,
      'Name a file in it.',
    ],
  },
  {
    fits: 'ERR_IMPORT_ATTRIBUTE_MISSING',
    explain: ({ message }) => [
      `${quotedIn(message)} is imported without saying that it is JSON.`,
      "Write: import data from './data.json' with { type: 'json' };",
    ],
  },
  { fits: 'ERR_UNKNOWN_FILE_EXTENSION', explain: ({ message }) => foreignKind(message) },
  {
    fits: 'ERR_UNSUPPORTED_ESM_URL_SCHEME',
    explain: ({ message }, path) => [
      `${path} or a file that it imports takes a module from an address: ${lastSentence(message)}`,
      'Install the package with npm, or keep the file in the project.',
    ],
  },
  {
    fits: 'ERR_UNKNOWN_BUILTIN_MODULE',
    explain: ({ message }, path) => [
      `${path} or a file that it imports asks for a part of Node that is not there: ${message}.${nearestBuiltin(message)}`,
      'Check its name.',
    ],
  },
  {
    fits: 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
    explain: ({ message }) => [
      `The package in ${quotedIn(message)} is TypeScript that was never compiled: types are taken out of your own files only.`,
      'Use a version of it that holds JavaScript, or keep its source in the project.',
    ],
  },
  {
    fits: 'ERR_DLOPEN_FAILED',
    explain: ({ message }, path) => [
      `${path} needs a native module that does not fit this Node (${process.version}): ${firstSentence(message)}`,
      'Build it anew: npm rebuild',
    ],
  },
  { fits: ({ name }) => name === 'SyntaxError', explain: brokenSyntax },
  { fits: ({ name, message }) => name === 'ReferenceError' && IN_MODULES.test(message), explain: commonJsName },
  {
    fits: ({ name, message }) => name === 'ReferenceError' && message.includes('before initialization'),
    explain: (error, path) => [
      `${path} threw while it was loaded: ${error.message}`,
      `${thrownAt(error)}A name is used before its line has run: two files may import each other.`,
    ],
  },
  { fits: ({ code, stack }) => /^E[A-Z]+$/.test(code ?? '') && userFrame(stack) === null, explain: unreadable },
  {
    fits: ({ code, stack }) => code?.startsWith('ERR_') === true && userFrame(stack) === null,
    explain: ({ message }, path) => [`${path} cannot be loaded: ${message}`, 'Check what it imports.'],
  },
];

/** `entrypoint-unusable`: the file was found but could not be loaded. */
export function loadFailure(path: string, error: unknown): OstinatoError {
  if (OstinatoError.is(error)) return error;
  const thrown = describeThrown(error);
  const cause = CAUSES.find(({ fits }) => (typeof fits === 'string' ? thrown.code === fits : fits(thrown)));
  const [what, remedy] = cause?.explain(thrown, path) ?? [
    `${path} threw while it was loaded: ${thrown.name}: ${thrown.message}`,
    `${thrownAt(thrown)}Code at the top level runs on loading: put work into the flow.`,
  ];
  return new OstinatoError('entrypoint-unusable', what, { cause: error, remedy });
}

function isNotFound(code: string | undefined): boolean {
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}

function quotedIn(message: string): string {
  return (/["'`](?:file:\/\/)?([^"'`]+)["'`]/.exec(message)?.[1] ?? message).replace(/%20/g, ' ');
}

function firstSentence(message: string): string {
  return `${message.split(/ imported from |\n/, 1)[0]?.replace(/\.$/, '')}.`;
}

function lastSentence(message: string): string {
  return `${message.split('. ').at(-1)?.replace(/\.$/, '')}.`;
}

/** Source: Node's `EACCES: permission denied, open '/path'`. */
function unreadable({ message }: Thrown): LoadExplanation {
  return [
    `${quotedIn(message)} cannot be read: ${message.replace(/, \w+(?: '[^']*')?$/, '')}.`,
    'Look whether this user may read it, and what it is: ls -l says so.',
  ];
}

const JSX = /\.[jt]sx$/;

/** Source: Node's `Unknown file extension ".css" for /path`. */
function foreignKind(message: string): LoadExplanation {
  const [, ending = '', file = ''] = /extension "([^"]*)" for (.+)$/.exec(message) ?? [];
  if (JSX.test(ending))
    return [
      `${file} is imported, which holds JSX: nothing is compiled here.`,
      'Put what the flow needs into a .ts file, and import that.',
    ];
  return [
    `${file} is imported, which is no module: only a bundler makes one of a ${ending || 'file without an ending'}${ending === '' ? '' : ' file'}.`,
    "Read it as a file where it is needed (readFile from 'node:fs/promises'), or leave the import to the code of pages.",
  ];
}

const IN_MODULES = /^(require|module|exports|__dirname|__filename) is not defined/;
const INSTEAD: Readonly<Record<string, string>> = {
  require: "import x from 'x', or await import('x')",
  module: 'export const NAME = …',
  exports: 'export const NAME = …',
  __dirname: 'import.meta.dirname',
  __filename: 'import.meta.filename',
};

function commonJsName(error: Thrown, path: string): LoadExplanation {
  const name = IN_MODULES.exec(error.message)?.[1] ?? '';
  return [
    `${path} or a file that it imports uses ${name}, which modules do not have: ${error.message}`,
    `${thrownAt(error)}Write ${INSTEAD[name]} instead.`,
  ];
}

/** The place in the user's code where it was thrown. */
function thrownAt({ stack }: Thrown): string {
  const frame = userFrame(stack);
  return frame === null ? '' : `It was thrown${frame.replace(/^\s+at/, ' at')}. `;
}

function userFrame(stack: string): string | null {
  return (
    stack
      .split('\n')
      .find(
        (line) =>
          /^\s+at .*(?:file:\/\/\/|\()\/?/.test(line) && !line.includes('node:') && !line.includes(codeFolder + sep),
      ) ?? null
  );
}
