import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countOfExcluded, excludedInWords, rulesInWords } from './rules-in-words.ts';

test('a schedule says what becomes of its slots, and nothing of what is as it is by itself', () => {
  assert.deepEqual(rulesInWords({}), []);
  assert.deepEqual(rulesInWords({ overlap: 'allow', max_lateness: null, jitter: 0 }), []);
  assert.deepEqual(
    rulesInWords({
      catch_up: 'latest',
      max_lateness: 3600,
      overlap: 'skip',
      jitter: 300,
      start: '2026-01-01',
      end: '2026-12-31T18:00:00',
    }),
    [
      'from 2026-01-01 on',
      'until 2026-12-31 18:00:00',
      'of missed runs, the latest is made up for',
      'never more than 1 h late',
      'skipped while an earlier run is under way',
      'with a random delay (jitter) of up to 5 m',
    ],
  );
  const all = ['queue', 'cancelOldest', 'cancelNewest'] as const;
  assert.equal(new Set(all.flatMap((overlap) => rulesInWords({ overlap }))).size, all.length);
});

test('what is left out is counted, and told with its name and calendar', () => {
  const day = { from: '2026-12-24', to: '2026-12-24', name: null, calendar: null };
  assert.equal(countOfExcluded({}), null);
  assert.equal(countOfExcluded({ exclusions: [day] }), '1 time left out');
  assert.equal(countOfExcluded({ exclusions: [day, day] }), '2 times left out');
  assert.equal(excludedInWords(day), '2026-12-24');
  assert.equal(
    excludedInWords({ ...day, to: '2026-12-26T12:00:00', name: 'Christmas', calendar: 'holidays.ics' }),
    '2026-12-24 to 2026-12-26 12:00:00: Christmas (holidays.ics)',
  );
});
