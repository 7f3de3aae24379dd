/** Cuts the lines of a script into words as a POSIX shell does, without being one: no word is ever run or expanded. */

import { OstinatoError } from '../errors.ts';

/** What stands between braces stays one part of a word, blanks and all: it is filled in when words are cut already. */
const PART = /\{\{[^{}]*\}\}|\\([^])|'([^']*)'|"((?:[^"\\]|\\[^])*)"|([^\s'"\\])|(\s+)/y;

/** A list of words for each line that has any. @throws `bad-input` for a quote that is not closed */
export function scriptWords(script: string): readonly (readonly string[])[] {
  return script.split(/\r?\n/).flatMap((line) => {
    const words = lineWords(line);
    return words.length === 0 ? [] : [words];
  });
}

/** The words of what is one command on one line; `null`: there are several lines, or none. @throws as `scriptWords` */
export function commandWords(command: string): readonly string[] | null {
  const [words, ...more] = scriptWords(command);
  return words === undefined || more.length > 0 ? null : words;
}

function lineWords(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (PART.lastIndex = 0; PART.lastIndex < line.length;) {
    const at = PART.lastIndex;
    const match = PART.exec(line);
    if (match === null)
      throw new OstinatoError('bad-input', `A quote is not closed in the script's line ${JSON.stringify(line)}.`, {
        remedy: `Close what begins at: ${line.slice(at, at + 20)}`,
      });
    const [whole, escaped, single, double, plain, blank] = match;
    if (blank === undefined)
      word = (word ?? '') + (escaped ?? single ?? double?.replaceAll(/\\(["\\$`])/g, '$1') ?? plain ?? whole);
    else if (word !== null) {
      words.push(word);
      word = null;
    }
  }
  if (word !== null) words.push(word);
  return words;
}
