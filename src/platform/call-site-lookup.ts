/** Whether a recorded call site is still in the code, as far as the text of the files tells. */

import { existsSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';

/** Between file, function and line in a label, see `call-sites.ts`. */
const SEPARATOR = ' · ';

/**
 * The line counts, not its number: that is how steps are told apart.
 *
 * @param label `file · function · text of the calling line`, cut with `…` when it is long
 * @param files absolute paths of the program as it is now
 * @param workingDirectory where a file that is not among them may be
 */
export function lookForCallSite(label: string, files: readonly string[], workingDirectory: string): 'present' | 'missing' | 'unknown' {
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
  // A call that moved to another function is another step; only plain names can be looked for.
  if (/^[\w$]+$/.test(fn) && !source.includes(fn)) return false;
  const start = text.endsWith('…') ? text.slice(0, -1) : null;
  return source.split('\n').some((line) => (start === null ? line.trim() === text : line.trim().startsWith(start)));
}
