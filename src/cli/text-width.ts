/** How many columns of a terminal a text takes, and how to make it take fewer. */
import { stripVTControlCharacters } from 'node:util';

import { printableLine } from '../core/printable.ts';
import { withoutMarks } from '../platform/own-output.ts';

let segmenter: Intl.Segmenter | undefined;

/** Made for the first text that is not plain: it takes 20 ms. */
function segments(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** East Asian wide and full-width blocks, and emoji: two columns each (Unicode UAX 11). */
const WIDE = /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
// Printable ASCII is one column a character: the usual case, without the segmenter.
const PLAIN = /^[\x20-\x7e]*$/;

export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segments(stripVTControlCharacters(withoutMarks(text)))) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** Cuts to `columns` with an ellipsis. @param text without colour codes */
export function truncateText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const { segment } of segments(text)) {
    width += textWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** All of it, in lines of at most `columns`; a character that is wider than that has a line of its own. @param text without colour codes */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  let width = 0;
  for (const { segment } of segments(text)) {
    const more = textWidth(segment);
    if (line !== '' && width + more > columns) {
      lines.push(line);
      [line, width] = ['', 0];
    }
    line += segment;
    width += more;
  }
  return [...lines, line];
}

/** One line without control characters: what a user named must not move the cursor or colour the screen. */
export function oneLine(text: string): string {
  return printableLine(text);
}
