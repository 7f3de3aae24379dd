/** Parts of a log message: what was searched for, and addresses to follow. Pure. */
import { cleanText } from '../failures/clean-text.ts';

export interface TextPart {
  readonly kind: 'plain' | 'match' | 'link';
  readonly text: string;
}

const LINK = /https?:\/\/[^\s<>"')\]]*[^\s<>"')\].,;:]/g;

/** @param search case does not count; empty finds nothing */
export function splitMessage(message: string, search: string): TextPart[] {
  const text = cleanText(message);
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    parts.push(...markMatches(text.slice(end, match.index), search), { kind: 'link', text: match[0] });
    end = match.index + match[0].length;
  }
  return [...parts, ...markMatches(text.slice(end), search)];
}

function markMatches(text: string, search: string): TextPart[] {
  if (text === '') return [];
  const wanted = search.toLowerCase();
  const parts: TextPart[] = [];
  let end = 0;
  for (
    let at = wanted === '' ? -1 : text.toLowerCase().indexOf(wanted);
    at !== -1;
    at = text.toLowerCase().indexOf(wanted, end)
  ) {
    if (at > end) parts.push({ kind: 'plain', text: text.slice(end, at) });
    end = at + wanted.length;
    parts.push({ kind: 'match', text: text.slice(at, end) });
  }
  if (end < text.length) parts.push({ kind: 'plain', text: text.slice(end) });
  return parts;
}
