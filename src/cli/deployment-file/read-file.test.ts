import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Instant } from '../../core/time.ts';
import { readDeploymentFile } from './read-file.ts';

const NOW = 1_764_000_000_000_000 as Instant;
const HEAD = 'name: nightly\nflow_name: sales\nentrypoint: flows.ts:sales\n';

/** Line and words of each complaint about what is written below the head, which has three lines. */
function complaints(rest: string): string[] {
  return readDeploymentFile(HEAD + rest, NOW).complaints.map(({ line, message, advice }) =>
    `${line}: ${message} ${advice}`.trim(),
  );
}

test('a file that is right is read as it is', () => {
  const { fields } = readDeploymentFile(
    `${HEAD}tags: [a]\nschedules:\n  - cron: "0 9 * * *"\n    timezone: Europe/Berlin\n  - interval: 60\nparameters: { limit: 5 }\n`,
    NOW,
  );
  assert.deepEqual(fields, {
    name: 'nightly',
    flow_name: 'sales',
    entrypoint: 'flows.ts:sales',
    tags: ['a'],
    schedules: [{ cron: '0 9 * * *', timezone: 'Europe/Berlin' }, { interval: 60 }],
    parameters: { limit: 5 },
  });
});

test('what is no YAML is told once, at its line', () => {
  assert.match(complaints('tags:\n\t- a\n').join('\n'), /^5: .*tab/);
  assert.match(complaints('name: other\n').join('\n'), /^4: The field stands here a second time/);
  assert.match(complaints('description: one\n   more: two\n').join('\n'), /^5: The indent is wrong/);
  assert.match(complaints('tags: [a\n').join('\n'), /Close what is open/);
  assert.match(complaints('parameters: !!js/function x\n').join('\n'), /^4: .*without !tags/);
});

test('a number that would lose digits is refused, not rounded', () => {
  assert.match(
    complaints('parameters:\n  id: 12345678901234567890\n').join('\n'),
    /^5: .*Write it as text.*"12345678901234567890"/,
  );
});

test('a value that repeats itself without end is refused', () => {
  const levels = Array.from(
    { length: 9 },
    (_, n) => `  l${n + 1}: &l${n + 1} [${Array(9).fill(`*l${n}`).join(', ')}]\n`,
  );
  assert.match(complaints(`parameters:\n  l0: &l0 [x]\n${levels.join('')}`).join('\n'), /repeats parts of itself/);
});

test('what JSON cannot say, and what only looks like a plain value, is refused where it stands', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['description: a\u0000b\n', /^4: .*control character \(U\+0000\)/],
    ['description: a\u001b[31mb\n', /^4: .*control character \(U\+001B\)/],
    ['description: "a\\0b"\n', /^4: .*U\+0000.*not kept/],
    ['description: "\\ud800"\n', /^4: .*half a character/],
    ['parameters: &x { a: 1 }\njob_variables:\n  <<: *x\n', /^6: .*"<<".*Write the fields out/],
    ['parameters: &a\n  b: *a\n', /^5: .*contains itself/],
    ['parameters:\n  ? [a, b]\n  : c\n', /^5: The name of a field must be a word/],
    ['parameters: { a: !!binary aGk= }\n', /^4: .*binary.*without !tags/],
    ['parameters: { a: !!set { b } }\n', /^4: .*set.*without !tags/],
    ['parameters: !python/object/apply:os.system ["touch x"]\n', /^4: .*without !tags/],
    [`parameters: { a: ${'['.repeat(120)}${']'.repeat(120)} }\n`, /^4: .*more than 100/],
    [`parameters: { a: ${'['.repeat(50_000)}\n`, /^4: .*too deep/],
    ['parameters:\n  a: 1\n  a: 2\n', /^6: The field stands here a second time/],
  ];
  for (const [text, said] of cases) assert.match(complaints(text).join('\n'), said, text.slice(0, 60));
  const old = readDeploymentFile(`%YAML 1.1\n---\n${HEAD}paused: yes\n`, NOW);
  assert.match(old.complaints[0]?.message ?? '', /another YAML than 1\.2/, '"yes" would be true there');
  assert.deepEqual(complaints('parameters: { "<<": 1, __proto__: { paused: true }, constructor: 1 }\n'), []);
});

test('of a file with thousands of mistakes the first are told', () => {
  const count = (text: string): number => complaints(text).length;
  assert.equal(count(Array.from({ length: 5_000 }, (_, n) => `k${n}: [\n`).join('')), 20);
  assert.equal(count('name: again\n'.repeat(5_000)), 20);
});

test('fields that are missing, unknown or of another kind', () => {
  const missing = readDeploymentFile('name: nightly\n', NOW).complaints.map(({ message }) => message);
  assert.deepEqual(missing, ['The field "flow_name" is missing.', 'The field "entrypoint" is missing.']);
  assert.match(complaints('pased: true\n').join('\n'), /^4: There is no field "pased". Did you mean "paused"\?/);
  assert.match(
    complaints('concurrency_limit: 0\n').join('\n'),
    /^4: "concurrency_limit" must be a whole number, 1 or more/,
  );
  assert.match(complaints('schedules:\n  - crn: x\n').join('\n'), /^5: There is no field "crn". Did you mean "cron"\?/);
  assert.match(readDeploymentFile('', NOW).complaints[0]?.message ?? '', /is empty/);
  assert.match(readDeploymentFile('- a\n', NOW).complaints[0]?.message ?? '', /does not consist of fields/);
});

test('schedules that say no times, or say them twice, or wrongly', () => {
  assert.match(complaints('schedules:\n  - active: true\n').join('\n'), /^5: The schedule says no times/);
  assert.match(complaints('schedules:\n  - cron: "@daily"\n    interval: 5\n').join('\n'), /^6: .*in 2 ways/);
  assert.match(
    complaints('schedules:\n  - cron: "@daily"\n    anchor_date: 2026-01-01\n').join('\n'),
    /^6: .*belongs to schedules by interval/,
  );
  assert.match(complaints('schedules:\n  - interval: 5\n    anchor_date: soon\n').join('\n'), /^6: "soon" is no time/);
  assert.match(
    complaints('schedules:\n  - interval: 0\n').join('\n'),
    /^5: "schedules\[0\].interval" must be a number of seconds/,
  );
  assert.match(complaints('schedules:\n  - rrule: FREQ=NEVER\n').join('\n'), /^5: /);
});

test('everything that is wrong is told at once, from the top on', () => {
  const told = complaints(
    'pased: true\nschedules:\n  - cron: "61 * * * *"\n    timezone: Europe/Berln\n    activ: no\n  - interval: 0\n    anchor_date: soon\n',
  );
  assert.deepEqual(
    told.map((line) => Number.parseInt(line, 10)),
    [4, 6, 7, 8, 9, 10],
    told.join('\n'),
  );
  assert.match(told.join('\n'), /"pased"[^]*61[^]*Europe\/Berln[^]*"activ"[^]*interval[^]*"soon" is no time/);
  const { usable } = readDeploymentFile(`${HEAD}pased: true\nparameters: { x: 1 }\n`, NOW);
  assert.deepEqual(usable?.parameters, { x: 1 }, 'what is right is checked against the flow');
  assert.equal(readDeploymentFile('name: nightly\n', NOW).usable, null);
});
