/** The place in the user's code where an error was thrown: the line, and those around it. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { OstinatoError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { codeFolder } from '../platform/own-package.ts';
import { textWidth } from './text-width.ts';

export interface CodePlace {
  /** Absolute. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** Above and below. */
const LINES_AROUND = 2;
/** Characters of a line that are shown; a line of minified code would fill the screen. */
const LINE_CHARS_MAX = 160;
const FILE_BYTES_MAX = 4 * 1024 * 1024;
/** Most nested causes that are searched. */
const DEPTH_MAX = 8;
const OURS = codeFolder + sep;
const FRAME = /^\s+at .*?\(?((?:file:\/\/)?\/[^\n]*?|(?:file:\/\/\/)?[A-Za-z]:[\\/][^\n]*?):(\d+):(\d+)\)?$/;

/**
 * The innermost frame of the user's code: no package, not Node, not this package. An error of this package is located
 * by its cause, as is one without a frame in the user's code.
 */
export function userPlace(error: unknown): CodePlace | null {
  const chain: unknown[] = [];
  for (let at = error; at instanceof Error && chain.length < DEPTH_MAX && !chain.includes(at); at = at.cause)
    chain.push(at);
  const own = chain.filter((each) => !OstinatoError.is(each));
  for (const each of [...own, ...chain]) {
    const place = placeIn((each as Error).stack ?? '');
    if (place !== null) return place;
  }
  return null;
}

function placeIn(stack: unknown): CodePlace | null {
  if (typeof stack !== 'string') return null;
  for (const text of stack.split('\n').slice(0, 200)) {
    const [, where, line, column] = FRAME.exec(text) ?? [];
    if (where === undefined) continue;
    try {
      const file = where.startsWith('file:') ? fileURLToPath(where.split('?', 1)[0] ?? where) : where;
      if (file.includes(`${sep}node_modules${sep}`) || isOurs(file)) continue;
      return { file, line: Number(line), column: Number(column) };
    } catch {
      /* A URL that is no file. */
    }
  }
  return null;
}

function isOurs(file: string): boolean {
  if (file.startsWith(OURS)) return true;
  try {
    return realpathSync(file).startsWith(OURS);
  } catch {
    return true;
  }
}

/** @param base folder that the shown path is relative to. `null` where the file cannot be read, or has changed */
export function codeFrame({ file, line, column }: CodePlace, base: string): string | null {
  let lines: readonly string[];
  try {
    if (statSync(file).size > FILE_BYTES_MAX) return null;
    lines = readFileSync(file, 'utf8').split(/\r?\n/);
  } catch {
    return null;
  }
  if (line < 1 || line > lines.length) return null;
  const [from, to] = [Math.max(1, line - LINES_AROUND), Math.min(lines.length, line + LINES_AROUND)];
  const width = String(to).length;
  const shown = lines.slice(from - 1, to).flatMap((text, index) => {
    const number = from + index;
    const untabbed = cut(text).replaceAll('\t', ' ');
    const row = `${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${untabbed}`.trimEnd();
    return number === line && column <= LINE_CHARS_MAX
      ? [
          row,
          `  ${' '.repeat(width)} | ${' '.repeat(textWidth(printable(untabbed.slice(0, Math.max(0, column - 1)))))}^`,
        ]
      : [row];
  });
  const path = relative(base, file);
  return `${path === '' || path.startsWith('..') ? file : path}:${line}:${column}\n${shown.join('\n')}\n`;
}

function cut(text: string): string {
  return text.length > LINE_CHARS_MAX ? `${text.slice(0, LINE_CHARS_MAX - 1)}…` : text;
}
