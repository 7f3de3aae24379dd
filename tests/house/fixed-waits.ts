/**
 * Tests that wait a fixed time for something to happen, or not to: too short on a busy machine, too long on every
 * other. They look again and again until it is so (a wait inside a loop), or make something happen that comes later.
 *
 * Only the code of a test itself is looked at. What its tasks and flows take is what is tested, not waited for.
 */
import { Visitor, type Expression } from 'oxc-parser';

import type { Source } from './source.ts';

const WAITS = new Set(['delay', 'sleep', 'pause', 'wait', 'setTimeout']);
const TEST_WORDS = new Set(['test', 'it', 'before', 'after', 'beforeEach', 'afterEach']);
const PROMISE_OF_A_TIME = /^new Promise(?:<[^>]*>)?\(\(?(\w+)\)? => setTimeout\(\1, [\d_]+\)\)$/;

interface Range {
  readonly start: number;
  readonly end: number;
}

export function findFixedWaits(source: Source): string[] {
  if (!/\.test\.tsx?$/.test(source.path)) return [];
  const [functions, loops, tests]: [Range[], Range[], Set<number>] = [[], [], new Set()];
  const waits: Range[] = [];
  const inside = (list: Range[]) => (node: Range) => void list.push(node);
  new Visitor({
    FunctionDeclaration: inside(functions),
    FunctionExpression: inside(functions),
    ArrowFunctionExpression: inside(functions),
    WhileStatement: inside(loops),
    DoWhileStatement: inside(loops),
    ForStatement: inside(loops),
    ForOfStatement: inside(loops),
    CallExpression({ callee, arguments: given }) {
      if (callee.type === 'Identifier' && TEST_WORDS.has(callee.name)) for (const { start } of given) tests.add(start);
    },
    AwaitExpression(node) {
      if (isFixed(node.argument, source.text)) waits.push(node);
    },
  }).visit(source.program);
  return waits.flatMap((wait) => {
    const own = innermost(functions, wait);
    if (own !== undefined && !tests.has(own.start)) return [];
    const loop = innermost(loops, wait);
    if (loop !== undefined && (own === undefined || loop.start > own.start)) return [];
    return [`${source.path}:${source.lineAt(wait.start)} waits a fixed time: look until it is so.`];
  });
}

function isFixed(waited: Expression, text: string): boolean {
  if (waited.type === 'NewExpression') return PROMISE_OF_A_TIME.test(text.slice(waited.start, waited.end));
  if (waited.type !== 'CallExpression' || waited.callee.type !== 'Identifier') return false;
  const [time] = waited.arguments;
  return WAITS.has(waited.callee.name) && time?.type === 'Literal' && typeof time.value === 'number' && time.value > 0;
}

function innermost(ranges: readonly Range[], { start, end }: Range): Range | undefined {
  return ranges.filter((range) => range.start < start && range.end >= end).sort((a, b) => b.start - a.start)[0];
}
