/** Explains source that cannot be parsed: TypeScript that needs a compiler, JSX, decorators, mistakes. */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

import { loadedFiles } from '../platform/user-modules.ts';
import { describeThrown, type Thrown, type LoadExplanation } from './load-thrown.ts';

const TAKEN_OUT = 'Types are taken out, nothing is compiled: ';

/** Keyed by the text of Node's message. */
const INSTEAD: readonly (readonly [says: RegExp, instead: string])[] = [
  [/\benum\b/i, "use an object instead of an enum: const Colour = { Red: 'red' } as const"],
  [/parameter propert/i, 'write the fields of the class out, and assign them in its constructor'],
  [/namespace|module declaration/i, 'use a module of its own instead of a namespace, or an object'],
  [/import equals/i, "write: import fs from 'node:fs'"],
  [/export assignment/i, 'write: export default …'],
  [/angle-bracket/i, 'write `value as Type`'],
  [/decorator/i, 'call a function with the class or method instead of a decorator'],
];

export function unsupportedSyntax({ message, stack }: Thrown, path: string): LoadExplanation {
  const instead =
    INSTEAD.find(([says]) => says.test(message))?.[1] ??
    'use an object instead of an enum, and fields instead of parameter properties';
  return [`${placeOf(stack, path)} uses TypeScript that does not run as it is: ${message}`, `${TAKEN_OUT}${instead}.`];
}

export function brokenSyntax(thrown: Thrown, path: string): LoadExplanation {
  const { message, stack } = ofItsOwnText(thrown, path);
  const place = placeOf(stack, path);
  const [line = ''] = message.split('\n', 1);
  const named = /^Named export '([^']+)' not found\. The requested module '([^']+)'/.exec(message);
  if (named !== null)
    return [
      `${place} imports ${named[1]} from ${named[2]}, a CommonJS module of which Node does not see that name.`,
      `Write: import all from '${named[2]}'; const { ${named[1]} } = all;`,
    ];
  const missing = /^The requested module '([^']+)' does not provide an export named '([^']+)'/.exec(message);
  if (missing?.[2] === 'default')
    return [
      `${place} cannot be linked: ${missing[1]} has no default export.`,
      `Import what it has by name: import { NAME } from '${missing[1]}'`,
    ];
  if (missing !== null)
    return [`${place} cannot be linked: ${line}`, 'Check the name that is imported; import types with `import type`.'];
  return needsCompiler(place, path, line) ?? [`${place} cannot be parsed: ${line}`, 'Correct the file.'];
}

/** At the start of a line or after a character that may precede a decorator: `@` has no other use in JavaScript. */
const DECORATOR = /(?:^|[\s;{}(,])@[\p{ID_Start}$_]/u;
const ACCESSOR = /(?:^|[\s;{}])accessor\s+[\p{ID_Start}$_#]/u;
const JSX = /<(?:[A-Za-z][\w.]*(?:\s[^<>]*)?\/>|>|[A-Za-z][\w.]*(?:\s[^<>]*)?>[^<>]*<\/)/;

/** The engine only reports an unexpected token: the text there tells what it is. */
function needsCompiler(place: string, path: string, message: string): LoadExplanation | null {
  const [, file = path, number] = /^(.*?)(?::(\d+))?$/.exec(place) ?? [];
  const lines = number === undefined ? null : [[file, Number(number)] as const];
  const said = lines ?? [...new Set([file, ...loadedFiles().toReversed()])].map((each) => [each, null] as const);
  for (const [where, at] of said) {
    const source = codeOf(where);
    const begin = at === null ? 0 : Math.max(0, at - 2);
    const looked = at === null ? source : source.slice(begin, at + 1);
    const find = (sign: RegExp): string | null => {
      const index = looked.findIndex((line) => sign.test(line));
      return index < 0 ? null : `${where}:${begin + index + 1}`;
    };
    const decorated = find(DECORATOR) ?? find(ACCESSOR);
    if (decorated !== null)
      return [
        `${decorated} uses a decorator, which does not run as it is: ${message}`,
        `${TAKEN_OUT}call a function with the class or method instead of a decorator.`,
      ];
    const jsx = find(JSX);
    if (jsx !== null && !where.endsWith('.js'))
      return [
        `${jsx} uses JSX, which does not run as it is: ${message}`,
        `${TAKEN_OUT}leave JSX to the code of pages.`,
      ];
  }
  return null;
}

/**
 * For a file that ends inside a construct, Node blames the line that the loader appends: parsing the file's own text
 * gives a better place.
 */
function ofItsOwnText(thrown: Thrown, path: string): Thrown {
  const [, file = path, number] = /^(.*?)(?::(\d+))?$/.exec(placeOf(thrown.stack, path)) ?? [];
  try {
    const source = readFileSync(file, 'utf8');
    if (number === undefined || Number(number) <= source.split('\n').length) return thrown;
    parseQuietly(source);
  } catch (error) {
    const own = describeThrown(error);
    if (own.name === 'SyntaxError') return { ...own, stack: own.stack.replace(/^:/, `${file}:`) };
  }
  return thrown;
}

/** Without Node's warning that its parser is experimental, which does not help a person who looks for a comma. */
function parseQuietly(source: string): void {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** The lines without the content of comments and texts. */
function codeOf(path: string): string[] {
  try {
    const blank = (found: string): string => found.replaceAll(/[^\n]/g, ' ');
    return readFileSync(path, 'utf8')
      .replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g, blank)
      .split('\n');
  } catch {
    return [];
  }
}

/** Node puts `file:///path:line` before the message of a syntax error. */
function placeOf(stack: string, path: string): string {
  const [, url, line] = /^((?:file:\/\/)?\/[^\n]*?):(\d+)(?::\d+)?\n/.exec(stack) ?? [];
  if (url === undefined) return path;
  return `${url.startsWith('file:') ? fileURLToPath(url) : url}:${line}`;
}
