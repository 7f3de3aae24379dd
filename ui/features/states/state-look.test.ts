import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { STATE_TYPES } from '../../api/states.ts';
import { FILTER_ORDER, lookOf, STACK_ORDER, stateLabel } from './state-look.ts';

test('no two states share a shape or a word', () => {
  const shapes = STATE_TYPES.map((type) => JSON.stringify([lookOf(type).fill, lookOf(type).line, lookOf(type).mark]));
  assert.equal(new Set(shapes).size, STATE_TYPES.length);
  assert.equal(new Set(STATE_TYPES.map((type) => lookOf(type).label)).size, STATE_TYPES.length);
});

test('stacks and filters show every state', () => {
  assert.deepEqual([...STACK_ORDER].sort(), [...STATE_TYPES].sort());
  assert.deepEqual([...FILTER_ORDER].sort(), [...STATE_TYPES].sort());
});

test('a state with a name of its own is called by it', () => {
  assert.equal(stateLabel('SCHEDULED', 'Late'), 'Late');
  assert.equal(stateLabel('RUNNING', null), 'Running');
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
    for (const type of STATE_TYPES) check(`--state-${type.toLowerCase()}-text`, back, 4.5);
  }
  for (const type of STATE_TYPES) check(`--state-${type.toLowerCase()}`, '--surface', 3);
  check('--on-accent', '--accent-fill', 4.5);
  check('--control-line', '--surface', 3);
  assert.deepEqual(tooWeak, []);
});
