/** A YAML text that people wrote: its value, and at which line each part of it stands. */

import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';

import { hiddenCharacter, unsayable } from './unsayable.ts';

export interface Place {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with a text. */
export interface Complaint extends Place {
  /** What is wrong: a sentence. */
  readonly message: string;
  /** What to write or do: a sentence, or empty. */
  readonly advice: string;
}

export interface WrittenDocument {
  /** What JSON can say; `undefined` where there are complaints. */
  readonly value: unknown;
  /** Why the text is no YAML of ours. */
  readonly complaints: readonly Complaint[];
  /** Where a part stands, or the nearest part around it that is there. */
  placeOf(path: readonly (string | number)[]): Place;
}

/**
 * The documents of a text, which `---` stands between. Each has empty lines for what stands before it, so that its
 * lines have the numbers of the text. One that says nothing is left out where there are others.
 */
export function splitDocuments(text: string): readonly string[] {
  const documents: string[][] = [[]];
  for (const [index, line] of text.split('\n').entries()) {
    if (/^---(?:\s+#.*|\s*)$/.test(line)) documents.push(Array.from({ length: index + 1 }, () => ''));
    else documents.at(-1)?.push(line);
  }
  const saying = documents.filter((lines) => lines.some((line) => !/^\s*(?:#.*)?$/.test(line)));
  return (saying.length === 0 ? documents.slice(0, 1) : saying).map((lines) => lines.join('\n'));
}

/** Of one text. */
const COMPLAINTS_MAX = 20;
/** Repetitions by `*name` that are followed: others would make a small text a huge value. */
const ALIASES_MAX = 100;

export function readDocument(text: string): WrittenDocument {
  const lines = new LineCounter();
  const hidden = hiddenCharacter(text);
  if (hidden !== null) return { value: undefined, complaints: [hidden], placeOf: () => hidden };
  // That names stand once is looked at by `unsayable`: the parser compares each name with all others.
  const options = { lineCounter: lines, prettyErrors: false, strict: true, uniqueKeys: false, version: '1.2' } as const;
  const document = parseDocument(text, options);
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const complaints: Complaint[] = [];
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    if (complaints.length >= COMPLAINTS_MAX) break;
    const place = code === 'BLOCK_AS_IMPLICIT_KEY' ? deeperLine(text, at(pos[0])) : at(pos[0]);
    // What follows from a mistake is reported beside it: told once.
    if (complaints.some(({ line }) => line >= place.line)) continue;
    complaints.push({ ...place, ...wordsOf(code, message) });
  }
  if (complaints.length === 0) complaints.push(...unsayable(document, at, COMPLAINTS_MAX));
  return { ...valueOf(document, complaints, at), placeOf: (path) => placeOf(document, path, at) };
}

function valueOf(
  document: Document,
  complaints: readonly Complaint[],
  at: (offset: number) => Place,
): Pick<WrittenDocument, 'value' | 'complaints'> {
  if (complaints.length > 0) return { value: undefined, complaints };
  try {
    return { value: document.toJS({ maxAliasCount: ALIASES_MAX }) as unknown, complaints };
  } catch (error) {
    const message = `The file repeats parts of itself too often: ${error instanceof Error ? error.message : ''}`;
    return { value: undefined, complaints: [{ ...at(0), message, advice: 'Write the values out.' }] };
  }
}

/** Of a field that goes on below, indented too far: the parser reports where the field begins. */
function deeperLine(text: string, { line, column }: Place): Place {
  const lines = text.split(/\r?\n/);
  const indentOf = (row: string | undefined): number => /^ */.exec(row ?? '')?.[0].length ?? 0;
  const own = indentOf(lines[line - 1]);
  const next = lines.findIndex((row, index) => index >= line && row.trim() !== '');
  return next >= 0 && indentOf(lines[next]) > own
    ? { line: next + 1, column: indentOf(lines[next]) + 1 }
    : { line, column };
}

const INDENT = 'Put each field at the same distance from the margin as its neighbours; what belongs to it, two more.';

function wordsOf(code: string, message: string): Pick<Complaint, 'message' | 'advice'> {
  const said = message.replace(/\.$/, '');
  if (said.includes('call stack'))
    return { message: 'The values are nested too deep to be read.', advice: 'Write a flat list.' };
  switch (code) {
    case 'TAB_AS_INDENT':
      return { message: 'The line is indented with a tab, which YAML does not allow.', advice: 'Write spaces.' };
    case 'BAD_INDENT':
      // Of a list or fields in brackets that go on where others begin.
      if (said.includes('end with a')) return wordsOf('MISSING_CHAR', message);
      return { message: `The indent is wrong: ${said}.`, advice: INDENT };
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'BLOCK_IN_FLOW':
      return { message: `The indent is wrong: ${said}.`, advice: INDENT };
    case 'MISSING_CHAR':
      return { message: `A character is missing: ${said}.`, advice: 'Close what is open: quotes, [ ] and { }.' };
    case 'MULTILINE_IMPLICIT_KEY':
    case 'UNEXPECTED_TOKEN':
      return { message: `This is no YAML: ${said}.`, advice: `Write NAME: VALUE on a line. ${INDENT}` };
    case 'TAG_RESOLVE_FAILED':
      return { message: `${said}.`, advice: 'Write plain values, without !tags.' };
    default:
      return { message: `This is no YAML: ${said}.`, advice: 'Put texts with signs in them between quotes.' };
  }
}

function placeOf(document: Document, path: readonly (string | number)[], at: (offset: number) => Place): Place {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const step of path) {
    const next = stepInto(node, step);
    if (next === null) break;
    [offset, node] = [next.offset ?? offset, next.node];
  }
  return at(offset);
}

/** A member is where its name is. */
function stepInto(
  node: unknown,
  step: string | number,
): { readonly offset: number | undefined; readonly node: unknown } | null {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    if (!isPair(pair)) return null;
    return { offset: (pair.key as Node).range?.[0], node: pair.value };
  }
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? null : { offset: (item as Node).range?.[0], node: item };
  }
  return null;
}
