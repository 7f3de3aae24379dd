/** Words of a command that people copy into their shell. */

import { isUuid } from './ids.ts';
import { printable } from './printable.ts';

const PLAIN = /^[\w@%+=:,./][\w@%+=:,./-]*$/;

/**
 * Quotes a word by the rules of POSIX if necessary. A word with control characters or backquotes becomes the output of
 * `printf`, which every shell reads: no terminal interprets the former, and commands in sentences are set between the
 * latter. `$(…)` drops line feeds at the end; words with those become `$'…'`, which bash, zsh and ksh know.
 */
export function shellWord(word: string): string {
  if (PLAIN.test(word)) return word;
  if (printable(word) === word && !/[\t\n`]/.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  if (word.endsWith('\n')) return `$'${escaped(word, '\\')}'`;
  return `"$(printf %b '${escaped(word, '\\0')}')"`;
}

/** Words as operands of a command, even if they begin like options. */
export function operandWords(...words: readonly string[]): string {
  return `${words.some((word) => word.startsWith('-')) ? '-- ' : ''}${words.map(shellWord).join(' ')}`;
}

/** The path of a file as an operand, even if it begins like an option. */
export function pathWord(path: string): string {
  return shellWord(path.startsWith('-') ? `./${path}` : path);
}

/** A flow's file and export, as `ostinato run` takes them. */
export function entryWord({ file, exportName }: { readonly file: string; readonly exportName: string | null }): string {
  return pathWord(exportName === null ? file : `${file}:${exportName}`);
}

/** A run in a command line: its name, unless that looks like an option or an id, or cannot be typed. */
export function runWord({ id, name }: { readonly id: string; readonly name: string }): string {
  const isTypable =
    name !== '' && !name.startsWith('-') && !isUuid(name) && printable(name) === name && !/[\t\n`]/.test(name);
  return isTypable ? shellWord(name) : id;
}

/** UTF-8, as shells read bytes; `octal` is the prefix of an octal number. */
function escaped(word: string, octal: string): string {
  return word.replace(/[^ -~]|[\\'`]/gu, (character) =>
    [...new TextEncoder().encode(character)].map((byte) => octal + byte.toString(8).padStart(3, '0')).join(''),
  );
}
