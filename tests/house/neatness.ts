/** Small rules about files, checked on their syntax tree: sizes, names, and marks of unfinished or muted work. */
import { posix } from 'node:path';

import { Visitor, type Argument, type CallExpression } from 'oxc-parser';

import { findFixedWaits } from './fixed-waits.ts';
import type { Source } from './source.ts';

export const FILE_LINES_MAX = 400;
export const FUNCTION_LINES_MAX = 100;
export const LINE_LENGTH_MAX = 120;

const FORBIDDEN_NAMES = new Set(['utils', 'util', 'helpers', 'helper', 'types', 'common', 'misc', 'manager', 'lib']);
/** Kebab-case, and words after dots as tools want them: `x.test.ts`, `x.property.test.ts`. */
const FILE_NAME = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+){1,3}$/;
const TEST_WORDS = new Set(['test', 'it', 'describe', 'suite', 't']);
const MUTING_WORDS = new Set(['skip', 'only', 'todo']);

export function findMess(source: Source): string[] {
  return [
    ...nameMess(source.path),
    ...sizeMess(source),
    ...lineMess(source),
    ...commentMess(source),
    ...syntaxMess(source),
    ...findFixedWaits(source),
  ];
}

function nameMess(path: string): string[] {
  const name = posix.basename(path);
  const stem = name.split('.')[0] ?? '';
  if (FORBIDDEN_NAMES.has(stem)) return [`${path}: "${stem}" says nothing about its subject.`];
  return FILE_NAME.test(name) ? [] : [`${path}: file names are kebab-case.`];
}

function sizeMess({ path, lineCount }: Source): string[] {
  return lineCount > FILE_LINES_MAX
    ? [`${path} has ${lineCount} lines, more than ${FILE_LINES_MAX}: split it by subject.`]
    : [];
}

/** What stands between quotes may be longer: breaking it would change it, or hide it from who searches for it. */
function lineMess({ path, text, program }: Source): string[] {
  const quoted: { readonly start: number; readonly end: number }[] = [];
  const note = ({ start, end }: { readonly start: number; readonly end: number }): void =>
    void quoted.push({ start, end });
  new Visitor({
    Literal: (node) => {
      if (typeof node.value === 'string' || 'regex' in node) note(node);
    },
    TemplateLiteral: note,
    JSXText: note,
  }).visit(program);
  const found: string[] = [];
  let start = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const end = start + line.length;
    if (line.length > LINE_LENGTH_MAX) {
      const within = quoted.filter(
        (one) => one.start < end && one.end > start && !quoted.some((other) => holds(other, one)),
      );
      const hidden = within.reduce((sum, one) => sum + Math.min(one.end, end) - Math.max(one.start, start), 0);
      if (line.length - hidden > LINE_LENGTH_MAX)
        found.push(`${path}:${index + 1} is a line of ${line.length} characters, more than ${LINE_LENGTH_MAX}.`);
    }
    start = end + 1;
  }
  return found;
}

function holds(
  outer: { readonly start: number; readonly end: number },
  inner: { readonly start: number; readonly end: number },
): boolean {
  return (
    outer !== inner &&
    outer.start <= inner.start &&
    outer.end >= inner.end &&
    outer.end - outer.start > inner.end - inner.start
  );
}

function commentMess({ path, comments, lineAt }: Source): string[] {
  return comments.flatMap(({ value, start }) => {
    const mark = /\b(?:TODO|FIXME|XXX|HACK)\b|@ts-(?:ignore|nocheck)|(?:oxlint|eslint)-disable(?!-next-line \S+)/.exec(
      value,
    )?.[0];
    return mark === undefined ? [] : [`${path}:${lineAt(start)} says ${mark}.`];
  });
}

function syntaxMess(source: Source): string[] {
  const found: string[] = [];
  const report = (offset: number, what: string): void =>
    void found.push(`${source.path}:${source.lineAt(offset)} ${what}`);
  // A group of tests is a chapter, not a function; node's tests in it are measured each for itself.
  const chapters = new Set<number>();
  const measure = (node: { start: number; end: number }): void => {
    const lines = source.lineAt(node.end) - source.lineAt(node.start) + 1;
    if (lines > FUNCTION_LINES_MAX && !chapters.has(node.start))
      report(node.start, `is a function of ${lines} lines, more than ${FUNCTION_LINES_MAX}.`);
  };
  new Visitor({
    CallExpression(node) {
      const word = testWord(node);
      if (word === null) return;
      if (word === 'describe' || word === 'suite') for (const argument of node.arguments) chapters.add(argument.start);
      const muted = mutingMember(node) ?? node.arguments.map(mutingOption).find((name) => name !== null);
      if (muted) report(node.start, `mutes a test with "${muted}".`);
    },
    TSAsExpression({ typeAnnotation, start }) {
      if (typeAnnotation.type === 'TSAnyKeyword') report(start, 'says "as any".');
    },
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  }).visit(source.program);
  return found;
}

/** `test`, `describe` … for `test(…)` and `test.skip(…)`; `null` for other calls. */
function testWord({ callee }: CallExpression): string | null {
  const base = callee.type === 'MemberExpression' ? callee.object : callee;
  return base.type === 'Identifier' && TEST_WORDS.has(base.name) ? base.name : null;
}

function mutingMember({ callee }: CallExpression): string | null {
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return null;
  return MUTING_WORDS.has(callee.property.name) ? callee.property.name : null;
}

function mutingOption(argument: Argument): string | null {
  if (argument.type !== 'ObjectExpression') return null;
  for (const property of argument.properties) {
    if (property.type !== 'Property' || property.key.type !== 'Identifier' || !MUTING_WORDS.has(property.key.name))
      continue;
    // A condition is no muting: where it skips, the whole run fails anyway.
    if (property.value.type === 'Literal' && property.value.value !== false) return property.key.name;
  }
  return null;
}
