/** The width of a text in terminal columns, and how to cut and wrap it. */
import { createRequire } from 'node:module';

import { printableLine } from '../core/printable.ts';
import { withoutMarks } from '../platform/own-output.ts';

type StringWidth = (text: string) => number;

/**
 * One column a character: ASCII, letters of Latin, Greek and Cyrillic, and the signs that we print. Everything else is
 * the library's, which takes 80 ms to load and start: as much as a whole command.
 */
const PLAIN =
  /^[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2190-\u22ff\u23ce\u2500-\u25fc\u2620\u2713\u2717]*$/;

let stringWidth: StringWidth | undefined;
let segmenter: Intl.Segmenter | undefined;

/** Colours, our own or of other programs, take none. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  const shown = withoutMarks(text);
  if (PLAIN.test(shown)) return shown.length;
  stringWidth ??= (createRequire(import.meta.url)('string-width') as { readonly default: StringWidth }).default;
  return stringWidth(shown);
}

/** What a reader takes for one character. */
function charactersOf(text: string): Iterable<string> {
  if (PLAIN.test(text)) return text;
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Cuts to `columns` with an ellipsis. @param text without colour codes */
export function truncateText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const character of charactersOf(text)) {
    width += textWidth(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/**
 * All of it, in lines of at most `columns`; a character that is wider than that has a line of its own.
 * @param text without colour codes
 */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  let width = 0;
  for (const character of charactersOf(text)) {
    const more = textWidth(character);
    if (line !== '' && width + more > columns) {
      lines.push(line);
      [line, width] = ['', 0];
    }
    line += character;
    width += more;
  }
  return [...lines, line];
}

/** One line without control characters: what a user named must not move the cursor or colour the screen. */
export function oneLine(text: string): string {
  return printableLine(text);
}
