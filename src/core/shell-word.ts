/** Words of a command that people copy into their shell. */

import { isUuid } from './ids.ts';
import { printable } from './printable.ts';

const PLAIN = /^[\w@%+=:,./][\w@%+=:,./-]*$/;
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\\': '\\\\', "'": "\\'" };

/** Quoted by the rules of POSIX where it must be; with control characters in it, as `$'…'`, which bash, zsh and ksh know. */
export function shellWord(word: string): string {
  if (PLAIN.test(word)) return word;
  if (printable(word) === word && !/[\t\n]/.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const bytes = word.replace(/[^ -~]|[\\']/gu, (found) => NAMED[found] ?? octal(found));
  return `$'${bytes}'`;
}

/** How a run is named in a command: by its name, unless that would be taken for an option or an id, or cannot be typed. */
export function runWord({ id, name }: { readonly id: string; readonly name: string }): string {
  const isTypable = name !== '' && !name.startsWith('-') && !isUuid(name) && printable(name) === name && !/[\t\n]/.test(name);
  return isTypable ? shellWord(name) : id;
}

/** UTF-8, as shells read bytes. */
function octal(character: string): string {
  return [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
