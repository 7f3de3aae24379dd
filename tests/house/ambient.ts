/** Time, chance and timers are injected: the rooms of rules and runs must not take them from the surroundings. */
import { Visitor } from 'oxc-parser';

import { isTest, type Source } from './source.ts';

export const ROOMS_WITHOUT_AMBIENT = [
  'src/core/',
  'src/contract/',
  'src/orchestrator/',
  'src/services/',
  'src/client/',
  'src/engine/',
];

const CALLS = new Set(['setTimeout', 'setInterval', 'setImmediate']);
const MEMBERS = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'process.env',
  'process.cwd',
  'process.hrtime',
  'process.exit',
  'crypto.randomUUID',
  'AbortSignal.timeout',
]);

export function findAmbient(source: Source): string[] {
  const found: string[] = [];
  if (isTest(source.path) || !ROOMS_WITHOUT_AMBIENT.some((room) => source.path.startsWith(room))) return found;
  const report = (what: string, offset: number): void => {
    found.push(`${source.path}:${source.lineAt(offset)} uses ${what}: take it through a port.`);
  };
  new Visitor({
    CallExpression({ callee, start }) {
      if (callee.type === 'Identifier' && CALLS.has(callee.name)) report(callee.name, start);
    },
    MemberExpression({ object, property, start }) {
      if (object.type !== 'Identifier' || property.type !== 'Identifier') return;
      const name = `${object.name}.${property.name}`;
      if (MEMBERS.has(name)) report(name, start);
    },
    NewExpression({ callee, arguments: given, start }) {
      if (callee.type === 'Identifier' && callee.name === 'Date' && given.length === 0) report('new Date()', start);
    },
  }).visit(source.program);
  return found;
}
