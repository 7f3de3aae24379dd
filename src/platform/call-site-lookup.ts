/** Whether a recorded call site is still in the code, judged by the text of the files. */

import { existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';

/** Separates file, function and line in a label, see `call-sites.ts`. */
const SEPARATOR = ' · ';

/**
 * Compares the line's text, not its number, as the identity of steps does.
 *
 * @param label `file · function · text of the calling line`, cut with `…` when it is long
 * @param files absolute paths of the program's current files
 * @param workingDirectory base of a file that is not among them
 */
export function lookForCallSite(
  label: string,
  files: readonly string[],
  workingDirectory: string,
): 'present' | 'missing' | 'unknown' {
  const [file = '', fn = '', ...rest] = label.split(SEPARATOR);
  if (rest.length === 0) return 'unknown';
  const text = rest.join(SEPARATOR);
  const candidates = files.filter((path) => basename(path) === basename(file));
  const elsewhere = resolve(workingDirectory, file);
  if (candidates.length === 0 && existsSync(elsewhere)) candidates.push(elsewhere);
  return candidates.some((path) => hasLine(path, fn, text)) ? 'present' : 'missing';
}

const sources = new Map<string, string>();

function hasLine(path: string, fn: string, text: string): boolean {
  let source = sources.get(path);
  if (source === undefined) sources.set(path, (source = readFileSync(path, 'utf8')));
  // A call that moved to another function is another step; only plain names can be searched.
  if (/^[\w$]+$/.test(fn) && !source.includes(fn)) return false;
  const start = text.endsWith('…') ? text.slice(0, -1) : null;
  return source.split('\n').some((line) => (start === null ? line.trim() === text : line.trim().startsWith(start)));
}
