/**
 * Recorded text, made fit to be shown. Whoever can write a state, a log line or a name must not reach the terminal of who
 * reads it: what would move its cursor, write its clipboard or title, or turn its text around stands there as an escape.
 */

/**
 * C0 but tab and line feed, DEL and C1; marks of direction (Trojan Source, CVE-2021-42574); what is invisible and joins
 * nothing; line breaks that are none on a terminal; halves of characters; noncharacters.
 */
const UNSAFE = /(?![\t\n])\p{Cc}|\p{Cs}|[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e007f}]/gu;
/** Code units that are unsafe, or halves of what may be: nearly every text has none, and each line of a run is asked. Ten times as fast. */
// oxlint-disable-next-line no-control-regex
const MAY_HAVE_UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]/;
const HAS_UNSAFE = new RegExp(UNSAFE.source, 'u');
const SHORT: Readonly<Record<string, string>> = { '\0': '\\0', '\b': '\\b', '\v': '\\v', '\f': '\\f', '\r': '\\r' };

/** Line feeds and tabs stay; all else that is no character to look at is written as `\x1b`, `\u202e`. */
export function printable(text: string): string {
  return hasUnsafe(text) ? text.replaceAll('\r\n', '\n').replace(UNSAFE, escapeOne) : text;
}

/** The same on one line: line breaks with the space around them are one space, as tabs are. */
export function printableLine(text: string): string {
  return printable(/[\t\n\r\u2028\u2029]/.test(text) ? text.replace(/[ \t]*[\r\n\u2028\u2029]\s*/g, ' ').replaceAll('\t', ' ') : text);
}

/** JSON that means the same, and is printable: `JSON.stringify` leaves C1 and marks of direction as they are. */
export function printableJson(json: string): string {
  return hasUnsafe(json) ? json.replace(UNSAFE, (found) => Array.from({ length: found.length }, (_, at) => unicode(found.charCodeAt(at))).join('')) : json;
}

function hasUnsafe(text: string): boolean {
  return MAY_HAVE_UNSAFE.test(text) && HAS_UNSAFE.test(text);
}

function escapeOne(found: string): string {
  const code = found.codePointAt(0) as number;
  return SHORT[found] ?? (code > 0xffff ? `\\u{${code.toString(16)}}` : code > 0xff ? unicode(code) : `\\x${code.toString(16).padStart(2, '0')}`);
}

function unicode(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
