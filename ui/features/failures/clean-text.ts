/**
 * What is shown of text that somebody else wrote, and whether there is a traceback in it. Pure, and small: every log
 * has it.
 */

/** Whether it has frames at all. Quick: asked for every line of a log. */
export function hasFrames(text: string): boolean {
  return /\n[ \t]{1,40}at [^\n]{1,500}[:)]|\n[ \t|+]{1,40}File "[^"\n]*", line \d/.test(text);
}

// oxlint-disable-next-line no-control-regex -- the sequences that colour a terminal, set its title or move its cursor
const TERMINAL = /\u001B(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\-_])/g;
/** What is no character to look at, but line feeds and tabs: control characters, and marks that turn text around. */
// oxlint-disable-next-line no-control-regex
const UNSEEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** For the eye and for the clipboard. */
export function cleanText(text: string): string {
  return text
    .replaceAll(TERMINAL, '')
    .replaceAll('\r\n', '\n')
    .replaceAll(UNSEEN, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
