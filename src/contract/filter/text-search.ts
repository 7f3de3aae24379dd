/**
 * What people type to search logs and events: words and "quoted phrases", of which one must occur; `+word` must occur,
 * `-word` and `!word` must not. Inside quotes, `\"` and `\\` stand for themselves.
 */

import { allOf, type Condition } from '../../core/query.ts';

const TERM = /[-!+](?=\s|$)|([-!+])?(?:"((?:\\[\s\S]|[^"])*)"?|([^\s"]+))/g;

interface TextSearch {
  readonly oneOf: readonly string[];
  readonly required: readonly string[];
  readonly excluded: readonly string[];
}

function parseTextSearch(query: string): TextSearch {
  const found = { oneOf: [] as string[], required: [] as string[], excluded: [] as string[] };
  for (const [, sign, phrase, word] of query.matchAll(TERM)) {
    const term = phrase === undefined ? word : phrase.replaceAll(/\\(["\\])/g, '$1');
    if (term === undefined || term.trim() === '') continue;
    found[sign === undefined ? 'oneOf' : sign === '+' ? 'required' : 'excluded'].push(term);
  }
  return found;
}

export function textSearchCondition(field: string, query: string): Condition {
  const { oneOf, required, excluded } = parseTextSearch(query);
  const contains = (text: string): Condition => ({ op: 'contains', field, text });
  return allOf([
    ...(oneOf.length === 0 ? [] : [{ op: 'or', of: oneOf.map(contains) } as const]),
    ...excluded.map((text): Condition => ({ op: 'not', of: contains(text) })),
    ...required.map(contains),
  ]);
}
