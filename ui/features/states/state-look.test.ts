import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { STATE_TYPES, type StateType } from '../../api/states.ts';
import {
  countWords,
  FILTER_ORDER,
  lookById,
  lookOf,
  LOOKS,
  STACK_ORDER,
  STATE_LOOKS,
  stateLabel,
} from './state-look.ts';

/** Of our servers and of Prefect's, by type: what `core`, the engine and the states of Prefect 3.9 call them. */
const NAMES: Readonly<Record<StateType, readonly string[]>> = {
  SCHEDULED: ['Scheduled', 'Late', 'AwaitingRetry', 'AwaitingConcurrencySlot', 'Resuming'],
  PENDING: ['Pending', 'Submitting', 'InfrastructurePending', 'NotReady'],
  RUNNING: ['Running', 'Retrying', 'Rerunning'],
  PAUSED: ['Paused', 'Suspended', 'NotReady'],
  CANCELLING: ['Cancelling'],
  CANCELLED: ['Cancelled'],
  COMPLETED: ['Completed', 'Cached', 'RolledBack', 'CommitIncomplete', 'Skipped'],
  FAILED: ['Failed', 'TimedOut', 'RollbackIncomplete', 'UpstreamFailed'],
  CRASHED: ['Crashed'],
};

/** Names that the sources give a state: `type: 'X', name: 'Y'`, in whichever order of lines. */
function namesInSources(): Set<string> {
  const root = new URL('../../../src/', import.meta.url);
  const files = globSync('{core,engine,orchestrator,services}/**/*.ts', { cwd: root }).filter(
    (path) => !path.endsWith('.test.ts'),
  );
  assert.ok(files.length > 100, `only ${files.length} files`);
  const found = new Set<string>();
  for (const path of files) {
    const text = readFileSync(new URL(path, root), 'utf8');
    for (const [, name = ''] of text.matchAll(/\bname: (?:[^,\n]*\? )?'([A-Z][A-Za-z]+)'/g))
      if (/type: '(?:SCHEDULED|PENDING|RUNNING|PAUSED|COMPLETED|FAILED|CRASHED|CANCELLED)'/.test(text)) found.add(name);
  }
  return found;
}

test("every name of a state that our code gives, or Prefect's, has a look of its own: no two share shape, word and colour", () => {
  for (const type of STATE_TYPES) {
    for (const [at, name] of NAMES[type].entries())
      assert.equal(lookOf(type, name).id, at === 0 ? type : `${type}/${name}`);
    assert.deepEqual(Object.keys(STATE_LOOKS[type]), NAMES[type]);
  }
  const known = new Set(Object.values(NAMES).flat());
  assert.deepEqual(
    [...namesInSources()].filter((name) => !known.has(name) && !NO_STATES.has(name)),
    [],
  );
  const shapes = LOOKS.map(({ fill, line, mark }) => JSON.stringify([fill, line, mark]));
  assert.equal(new Set(shapes).size, LOOKS.length);
  assert.equal(new Set(LOOKS.map(({ type, label }) => `${type} ${label}`)).size, LOOKS.length);
  // These are not what their types say.
  for (const [type, name] of [
    ['COMPLETED', 'Cached'],
    ['COMPLETED', 'RolledBack'],
    ['COMPLETED', 'Skipped'],
    ['SCHEDULED', 'Late'],
  ] as const) {
    assert.notEqual(lookOf(type, name).colour, lookOf(type).colour);
  }
  for (const name of ['RolledBack', 'Cached'])
    assert.notEqual(lookOf('COMPLETED', name).pattern, lookOf('COMPLETED').pattern);
});

/** Names of other things in those files. */
const NO_STATES: ReadonlySet<string> = new Set([
  'Error',
  'TypeError',
  'OstinatoError',
  'NonErrorThrown',
  'String',
  'Secret',
  'JSON',
  'Webhook',
  'Process',
  'SMB',
]);

test('stacks show every look, filters every type', () => {
  assert.deepEqual(new Set(STACK_ORDER), new Set(LOOKS.map(({ id }) => id)));
  assert.equal(STACK_ORDER.length, LOOKS.length);
  assert.deepEqual(new Set(FILTER_ORDER), new Set(STATE_TYPES));
});

test('a state is called by a name that somebody made up, and by the word of one that is known', () => {
  assert.deepEqual(
    [
      stateLabel('SCHEDULED', 'Late'),
      stateLabel('COMPLETED', 'RolledBack'),
      stateLabel('RUNNING', null),
      stateLabel('RUNNING', ''),
    ],
    ['Late', 'Rolled back', 'Running', 'Running'],
  );
  for (const name of ['Half done', 'constructor', '__proto__'])
    assert.deepEqual([stateLabel('COMPLETED', name), lookOf('COMPLETED', name).id], [name, 'COMPLETED']);
  assert.deepEqual(
    [lookById('COMPLETED/Cached').label, lookById('COMPLETED/Half done').label],
    ['Cached', 'Completed'],
  );
  assert.equal(
    countWords({ COMPLETED: 4980, FAILED: 2, 'COMPLETED/Cached': 3 }),
    '2 failed, 3 cached, 4,980 completed',
  );
});

/** `--name: light-dark(#light, #dark)` in the style sheet. */
function readColours(): Map<string, { readonly light: string; readonly dark: string }> {
  const css = readFileSync(new URL('../../styles/tokens.css', import.meta.url), 'utf8');
  const matches = css.matchAll(/(--[\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)/g);
  return new Map([...matches].map(([, name = '', light = '', dark = '']) => [name, { light, dark }]));
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Source: WCAG 2.2, definition of contrast ratio. */
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

test('text and shapes stand out as WCAG AA asks, in light and in dark', () => {
  const colours = readColours();
  const tooWeak: string[] = [];
  const check = (front: string, back: string, min: number): void => {
    for (const scheme of ['light', 'dark'] as const) {
      const [a, b] = [colours.get(front)?.[scheme], colours.get(back)?.[scheme]];
      assert.ok(a !== undefined && b !== undefined, `${front} or ${back} is not in tokens.css`);
      const ratio = contrast(a, b);
      if (ratio < min) tooWeak.push(`${front} on ${back}, ${scheme}: ${ratio.toFixed(2)} < ${min}`);
    }
  };
  for (const back of ['--bg', '--surface', '--sunken']) {
    for (const front of ['--text', '--muted', '--accent']) check(front, back, 4.5);
    for (const colour of new Set(LOOKS.map((look) => look.colour))) check(`${colour}-text`, back, 4.5);
  }
  for (const colour of new Set(LOOKS.map((look) => look.colour))) check(colour, '--surface', 3);
  check('--on-accent', '--accent-fill', 4.5);
  check('--control-line', '--surface', 3);
  assert.deepEqual(tooWeak, []);
});
