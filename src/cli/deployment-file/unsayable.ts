/**
 * What YAML can say and JSON cannot, or what only looks like a plain value: refused where it stands, so that nobody
 * gets another value than the one that was read by eye.
 */

import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';

import type { Complaint, Place } from './written-document.ts';

type PlaceAt = (offset: number) => Place;
type Words = Pick<Complaint, 'message' | 'advice'>;

/** Of lists and fields in each other. */
const DEPTH_MAX = 100;
/** Tags that say nothing but what is there anyway. */
const PLAIN_TAG = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/;
const MERGE = '<<';
// oxlint-disable-next-line no-control-regex -- These are what is looked for.
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/;

/** The first character of a text that no YAML may have, and that nobody sees. */
export function hiddenCharacter(text: string): Complaint | null {
  const found = HIDDEN.exec(text);
  if (found === null) return null;
  const before = text.slice(0, found.index).split('\n');
  const code = `U+${found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  return {
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    message: `Here is a control character (${code}), which no YAML may have.`,
    advice: 'Take it out.',
  };
}

/** @param complaintsMax more of them are not looked for */
export function unsayable(document: Document, at: PlaceAt, complaintsMax: number): Complaint[] {
  const found: Complaint[] = [];
  const wrong = (node: unknown, words: Words | null): void => {
    if (words !== null) found.push({ ...at((isNode(node) ? node.range?.[0] : undefined) ?? 0), ...words });
  };
  if (document.directives?.yaml.version !== '1.2')
    wrong(null, { message: 'The text is said to be of another YAML than 1.2.', advice: 'Take the line %YAML out.' });
  visit(document, {
    Node(_key, node, path) {
      if (path.length > DEPTH_MAX && path.filter(isCollection).length >= DEPTH_MAX) {
        wrong(node, { message: `Here are more than ${DEPTH_MAX} lists and fields in each other.`, advice: FLAT });
        return visit.BREAK;
      }
      wrong(node, wrongTag(node));
      if (isAlias(node)) wrong(node, wrongAlias(node.resolve(document), path));
      if (isScalar(node)) wrong(node, wrongValue(node.value, node.source));
      if (isMap(node)) for (const { key, words } of wrongNames(node)) wrong(key, words);
      return found.length >= complaintsMax ? visit.BREAK : undefined;
    },
  });
  return found.sort((one, other) => one.line - other.line || one.column - other.column).slice(0, complaintsMax);
}

const FLAT = 'Write a flat list.';
const TWICE: Words = { message: 'The field stands here a second time.', advice: 'Keep one of them.' };

/** Names that stand twice, and those that are none. */
function wrongNames({ items }: YAMLMap): { readonly key: unknown; readonly words: Words }[] {
  const names = new Set<string>();
  return items.flatMap(({ key }) => {
    const name = isScalar(key) ? String(key.value) : null;
    const words = wrongName(key, name) ?? (name !== null && names.has(name) ? TWICE : null);
    if (name !== null) names.add(name);
    return words === null ? [] : [{ key, words }];
  });
}

function wrongName(key: unknown, name: string | null): Words | null {
  if (name === null) return { message: 'The name of a field must be a word, not a list or fields.', advice: QUOTE };
  if (name === MERGE && isScalar(key) && key.type === 'PLAIN')
    return {
      message: 'Fields of elsewhere cannot be merged in by "<<": YAML 1.2 has no such thing.',
      advice: 'Write the fields out, or put what deployments share under `defaults` of ostinato.yaml.',
    };
  return null;
}

const QUOTE = 'Put it between quotes.';

function wrongTag(node: Node): Words | null {
  const { tag } = node as { readonly tag?: string };
  if (tag === undefined || PLAIN_TAG.test(tag)) return null;
  return { message: `Values cannot be of the kind ${tag}.`, advice: 'Write plain values, without !tags.' };
}

function wrongAlias(named: Node | undefined, path: readonly (Document | Node | Pair)[]): Words | null {
  if (named === undefined || !path.includes(named)) return null;
  return { message: 'The value contains itself: it has no end.', advice: 'Write the values out.' };
}

/** Numbers that JavaScript and JSON would change, and texts that are none. */
function wrongValue(value: unknown, source: string | undefined): Words | null {
  if (typeof value === 'string') {
    if (!value.isWellFormed())
      return {
        message: 'The text has half a character in it (\\ud800 to \\udfff).',
        advice: 'Write the character itself.',
      };
    if (value.includes('\0'))
      return { message: 'The text has a character U+0000 in it, which is not kept.', advice: 'Take it out.' };
    return null;
  }
  if (typeof value !== 'number') return null;
  if (Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))) return null;
  const written = source ?? String(value);
  return {
    message: `The number ${written} cannot be kept: it would become ${value}.`,
    advice: `Write it as text, between quotes: "${written}".`,
  };
}
