/**
 * Members of a JSON object as the text that was sent. For streams: a member is found in a tenth of the time that
 * parsing all numbers exactly takes.
 */

const SPACE = 32;
const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const COMMA = 44;

/**
 * @param text a JSON object that was parsed before, so that it is known to be one. `null` when it has no such member
 */
export function rawMember(text: string, name: string): string | null {
  let found: string | null = null;
  let at = text.indexOf('{') + 1;
  for (;;) {
    // Not looked for: in an object without objects inside, a brace would be looked for up to its end, from each key on.
    const keyStart = afterSpace(text, at);
    if (text.charCodeAt(keyStart) !== QUOTE) return found;
    const keyEnd = stringEnd(text, keyStart);
    const valueStart = text.indexOf(':', keyEnd) + 1;
    const valueEnd = endOfValue(text, valueStart);
    // As in JSON.parse, the last of several members of one name counts.
    if (isKey(text, keyStart, keyEnd, name)) found = text.slice(valueStart, valueEnd).trim();
    if (text.charCodeAt(valueEnd) !== COMMA) return found;
    at = valueEnd + 1;
  }
}

function afterSpace(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) <= SPACE) at += 1;
  return at;
}

function isKey(text: string, start: number, end: number, name: string): boolean {
  const key = text.slice(start + 1, end - 1);
  return key === name || (key.includes('\\') && JSON.parse(text.slice(start, end)) === name);
}

/** After the closing quote of the string that starts at `start`. */
function stringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); ; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
}

/** The comma or closing bracket after the value. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at) - 1;
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return at;
      depth -= 1;
    } else if (code === COMMA && depth === 0) return at;
  }
  return text.length;
}
