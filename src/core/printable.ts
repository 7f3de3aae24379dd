/**
 * Makes recorded text safe to show. Whoever can write a state, a log line or a name must not control the reader's
 * terminal: characters that would move its cursor, write its clipboard or title, or reverse its text are escaped.
 */

/**
 * C0 except tab and line feed, DEL and C1; bidirectional marks (Trojan Source, CVE-2021-42574); invisible characters
 * that join nothing; line separators that terminals ignore; lone surrogates; noncharacters.
 */
const UNSAFE =
  /(?![\t\n])\p{Cc}|\p{Cs}|[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e007f}]/gu;
/**
 * Code units that are unsafe, or halves of unsafe characters. Nearly every text has none; this quick check runs for
 * each line and is ten times as fast.
 */
const MAY_HAVE_UNSAFE =
  // oxlint-disable-next-line no-control-regex
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]/;
const HAS_UNSAFE = new RegExp(UNSAFE.source, 'u');
const SHORT: Readonly<Record<string, string>> = { '\0': '\\0', '\b': '\\b', '\v': '\\v', '\f': '\\f', '\r': '\\r' };

/** Escapes unsafe characters as `\x1b`, `\u202e`; line feeds and tabs stay. */
export function printable(text: string): string {
  return hasUnsafe(text) ? text.replaceAll('\r\n', '\n').replace(UNSAFE, escapeOne) : text;
}

/** As `printable`, on one line: line breaks with surrounding space, and tabs, become one space. */
export function printableLine(text: string): string {
  return printable(
    /[\t\n\r\u2028\u2029]/.test(text) ? text.replace(/[ \t]*[\r\n\u2028\u2029]\s*/g, ' ').replaceAll('\t', ' ') : text,
  );
}

/** Equivalent JSON that is safe to show: `JSON.stringify` does not escape C1 and bidirectional marks. */
export function printableJson(json: string): string {
  return hasUnsafe(json)
    ? json.replace(UNSAFE, (found) =>
        Array.from({ length: found.length }, (_, at) => unicode(found.charCodeAt(at))).join(''),
      )
    : json;
}

function hasUnsafe(text: string): boolean {
  return MAY_HAVE_UNSAFE.test(text) && HAS_UNSAFE.test(text);
}

function escapeOne(found: string): string {
  const code = found.codePointAt(0) as number;
  return (
    SHORT[found] ??
    (code > 0xffff
      ? `\\u{${code.toString(16)}}`
      : code > 0xff
        ? unicode(code)
        : `\\x${code.toString(16).padStart(2, '0')}`)
  );
}

function unicode(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
