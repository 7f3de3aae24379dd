import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AutomationClient } from '../client/control/automations.ts';
import type { BackTestAnswer, BackTestFiring } from '../contract/back-test.ts';
import { replay, shownFirings, shownHints, shownMisses } from './automation-replay.ts';
import type { Terminal } from './terminal.ts';

const SINCE = '2026-01-01T00:00:00.000000Z';
const WINDOW = { trigger_id: 'a', labels: { shop: '7' }, start: SINCE, end: SINCE, count: 2, threshold: 3, events: [] };

function firing(id: string): BackTestFiring {
  const action = { index: 0, type: 'call-webhook', target: null, texts: { payload: 'a\nb' }, refusal: 'no block' };
  return { id, at: SINCE, labels: {}, event: null, windows: [WINDOW], actions: [action] };
}

function part(progress: number, parts: Partial<BackTestAnswer> = {}): BackTestAnswer {
  return {
    automation_id: 'a',
    since: SINCE,
    until: SINCE,
    firings: [],
    fired: 0,
    near_misses: [],
    missed: 0,
    verdicts: [],
    events: 1000 * progress,
    at: null,
    progress,
    ended_early: null,
    hints: [],
    continuation: progress < 1 ? 'more' : null,
    ...parts,
  };
}

function automations(...parts: readonly BackTestAnswer[]): AutomationClient {
  return {
    async *test() {
      for (const plain of parts) yield await Promise.resolve({ plain, exact: plain });
    },
  } as unknown as AutomationClient;
}

function terminal(columns: number | null): { readonly terminal: Terminal; readonly said: string[] } {
  const said: string[] = [];
  return {
    terminal: {
      out: (text: string) => void said.push(text),
      clearLine: () => void said.push('<clear>'),
      style: (_format: unknown, text: string) => text,
      columns,
    } as unknown as Terminal,
    said,
  };
}

const ASKED = { since: SINCE, limit: 2 };

test('how far it has come is told on one line of a terminal, which is gone at the end; elsewhere nothing is', async () => {
  const parts = [part(0.25, { fired: 1 }), part(0.5, { fired: 2 }), part(1)];
  for (const [columns, isSilent, expected] of [
    [80, false, ['25 %  250 events, 1 firings', '<clear>', '50 %  500 events, 3 firings', '<clear>']],
    [80, true, []],
    [null, false, []],
  ] as const) {
    const { terminal: screen, said } = terminal(columns);
    await replay(screen, automations(...parts), ASKED, isSilent);
    assert.deepEqual(said, expected);
  }
});

test('all parts are counted, and as many firings shown as are wanted', async () => {
  const { terminal: screen } = terminal(null);
  const many = Array.from({ length: 15 }, () => WINDOW);
  const whole = await replay(
    screen,
    automations(
      part(0.5, { firings: [firing('1')], fired: 1, near_misses: many, missed: 15 }),
      part(1, {
        firings: [firing('2'), firing('3')],
        fired: 2,
        near_misses: many,
        missed: 15,
        ended_early: 'Too much.',
      }),
    ),
    ASKED,
    true,
  );
  assert.deepEqual([whole.fired, whole.firings.map(({ id }) => id)], [3, ['1', '2']]);
  const text = shownFirings(whole, screen).join('\n');
  assert.match(
    text,
    /by the passing of time {2}\(firing 1\)\n {2}2 of 3 came, for shop=7\n {2}call-webhook: payload a\\nb, would be refused: no block\n/,
  );
  assert.match(text, /… and 1 more/);
  assert.match(shownMisses(whole).join('\n'), /nearly fired 30 times:[^]*… and 10 more\.$/);
  assert.match(shownHints(whole).join('\n'), /Too much\./);
});
