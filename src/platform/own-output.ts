/**
 * Output to a terminal: unsafe characters are escaped, except in sequences of this program that colour or redraw. Both
 * go the same way, so our own sequences carry a mark that no recorded text can contain.
 */

import { randomBytes } from 'node:crypto';

import { printable } from '../core/printable.ts';

/** Noncharacters (escaped in all other text) in a random order; stands for ESC. */
const ESCAPE_MARK = `\ufdd0${[...randomBytes(8)].map((byte) => String.fromCharCode(0xfdd0 + (byte & 31))).join('')}`;
const RETURN_MARK = `${ESCAPE_MARK}\ufdd1`;
const MARKS = new RegExp(`${RETURN_MARK}|${ESCAPE_MARK}\\[[0-9;]*[A-Za-z]`, 'g');

/** @param sequence of this program, such as a colour: with ESC and CR in it */
export function markOwn(sequence: string): string {
  return sequence.replaceAll('\r', RETURN_MARK).replaceAll('\x1b', ESCAPE_MARK);
}

/** The text without our sequences, for its width. */
export function withoutMarks(text: string): string {
  return text.includes('\ufdd0') ? text.replace(MARKS, '') : text;
}

/** Last step before a stream, for every text: turns marks into ESC and escapes everything unsafe. */
export function toTerminal(text: string): string {
  if (!text.includes(ESCAPE_MARK)) return printable(text);
  let shown = '';
  let from = 0;
  for (const { 0: mark, index } of text.matchAll(MARKS)) {
    shown += printable(text.slice(from, index)) + (mark === RETURN_MARK ? '\r' : mark.replace(ESCAPE_MARK, '\x1b'));
    from = index + mark.length;
  }
  return shown + printable(text.slice(from));
}
