/** Schedules, pools and queues by their commands: what is said is what the server has, and does. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { until } from './background.ts';
import { makeServedPlace } from './served-place.ts';

const FLOWS = `
import { flow } from 'ostinato';
export const count = flow(async ({ word }: { word: string }) => word, { name: 'count' });
`;

const place = makeServedPlace();
const { env, call, done, json } = place;

before(
  async () => {
    await place.started;
    writeFileSync(join(place.project, 'flows.ts'), FLOWS);
    await place.ostinato(['deployment', 'build', '-n', 'demo', 'flows.ts:count', '-p', 'word=x'], { env });
    await place.ostinato(['deployment', 'apply', 'count-deployment.yaml'], { env });
  },
  { timeout: 120_000 },
);

interface Previewed {
  readonly date: string;
  readonly nominal: string;
  readonly mark: string | null;
}

/** When the runs are due that the server has made ahead. */
async function scheduled(): Promise<readonly string[]> {
  const answer = await fetch(`${env['OSTINATO_API_URL']}/flow_runs/filter`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ flow_runs: { state: { type: { any_: ['SCHEDULED'] } } }, sort: 'EXPECTED_START_TIME_ASC' }),
  });
  const runs = (await answer.json()) as { expected_start_time: string }[];
  return runs.map(({ expected_start_time: at }) => at);
}

const isEarly = (nominal: string): boolean => nominal.endsWith('T02:30:00');

test(
  'the dates of preview are those for which the server makes runs; a paused schedule has none',
  { timeout: 180_000 },
  async () => {
    await done('deployment', 'schedule', 'add', 'demo', '--cron', '30 2 * * *', '--timezone', 'Europe/Berlin');
    await done('deployment', 'schedule', 'add', 'demo', '--interval', '1d', '--slug', 'daily');
    const preview = await json<Previewed[]>('deployment', 'schedule', 'preview', 'demo');
    const made = await until('runs are made ahead', async () => {
      const runs = await scheduled();
      return runs.length >= 6 && runs;
    });
    assert.deepEqual(
      preview.slice(0, made.length).map(({ date }) => Date.parse(date)),
      made.map((at) => Date.parse(at)),
    );
    assert.match(await done('deployment', 'schedule', 'pause', 'demo', 'daily'), /is paused: it makes no runs/);
    await until('those of the paused one are taken back', async () => {
      const left = await scheduled();
      return (
        left.length > 0 && left.every((at) => preview.some(({ date, nominal }) => isEarly(nominal) && date === at))
      );
    });
    assert.match(await done('deployment', 'schedule', 'ls', 'demo'), /daily .*paused/);
    const one = await json<Previewed[]>('deployment', 'schedule', 'preview', 'demo');
    assert.ok(one.every(({ nominal }) => isEarly(nominal)));
    assert.match(await done('deployment', 'schedule', 'resume', 'demo', 'daily'), /makes runs again/);
    assert.match((await call('deployment', 'schedule', 'rm', 'demo')).stderr, /several such schedules/);
    assert.match((await call('deployment', 'schedule', 'rm', 'demo', 'dayly')).stderr, /Did you mean "daily"/);
    await done('deployment', 'schedule', 'rm', 'demo', '30 2 * * *');
    assert.equal((await json<unknown[]>('deployment', 'schedule', 'ls', 'demo')).length, 1);
    await done('deployment', 'schedule', 'clear', 'demo', '-y');
    assert.match(await done('deployment', 'schedule', 'ls', 'demo'), /has no schedules/);
    assert.deepEqual(await scheduled(), []);
  },
);

test('preview marks the gap and the fold, and says what they mean', { timeout: 180_000 }, async () => {
  const times = ['--cron', '30 2 * * *', '--timezone', 'Europe/Berlin', '--limit', '3'];
  const gap = await json<Previewed[]>('deployment', 'schedule', 'preview', ...times, '--from', '2026-03-28T00:00:00Z');
  assert.deepEqual(
    gap.map(({ date, mark }) => [date.slice(0, 16), mark]),
    [
      ['2026-03-28T01:30', null],
      ['2026-03-29T01:30', 'gap'],
      ['2026-03-30T00:30', null],
    ],
  );
  const fold = await done('deployment', 'schedule', 'preview', ...times, '--from', '2026-10-24T00:00:00Z');
  assert.match(fold, /2026-10-25 02:30:00 +fold/);
  assert.match(fold, /clocks show the local time twice/);
  const wrong = await call('deployment', 'schedule', 'preview', '--cron', '0 99 * * *');
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.stderr, /hour/);
});

test(
  'a file says what becomes of slots, and what is left out; commands show and change it',
  { timeout: 180_000 },
  async () => {
    const event = [
      'BEGIN:VEVENT',
      'UID:1',
      'SUMMARY:Spring',
      'DTSTART;VALUE=DATE:20400330',
      'RRULE:FREQ=YEARLY',
      'END:VEVENT',
    ];
    const holidays = join(place.project, 'holidays.ics');
    writeFileSync(holidays, ['BEGIN:VCALENDAR', ...event, 'END:VCALENDAR', ''].join('\r\n'));
    const written = (more: readonly string[]): void => {
      const head = [
        'name: ruled',
        'flow_name: count',
        'entrypoint: flows.ts:count',
        'parameters: { word: x }',
        'schedules:',
      ];
      const schedule = ['  - cron: "30 2 * * *"', '    slug: night', ...more.map((line) => `    ${line}`)];
      writeFileSync(join(place.project, 'ruled.yaml'), [...head, ...schedule, ''].join('\n'));
    };
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const lines = ['catch_up: none', 'max_lateness: 7200', 'overlap: skip', 'jitter: 300'];
    written([...lines, 'end: 2020-01-01', 'start: 2021-01-01']);
    const wrong = await call('deployment', 'apply', 'ruled.yaml');
    assert.equal(wrong.exitCode, 2);
    assert.match(wrong.stderr, /ruled\.yaml:12:5: It ends at 2020-01-01, before it starts at 2021-01-01/);
    assert.notEqual((await call('deployment', 'inspect', 'ruled')).exitCode, 0, 'nothing was applied');
    written([
      ...lines,
      'exclude:',
      `  - { from: ${tomorrow}, to: ${tomorrow}, name: closed }`,
      '  - calendar: holidays.ics',
    ]);
    await done('deployment', 'apply', 'ruled.yaml');
    assert.match(await done('deployment', 'diff', 'ruled.yaml'), /nothing was changed/);
    const words = /catch_up: none, max_lateness: 2 h, overlap: skip, jitter: 5 min/;
    assert.match(await done('deployment', 'inspect', 'ruled'), words);
    assert.match(await done('deployment', 'schedule', 'history', 'ruled'), words);
    const inspected = await done('deployment', 'schedule', 'inspect', 'ruled');
    assert.match(inspected, words);
    assert.match(inspected, new RegExp(`left out +closed \\(${tomorrow}\\)`));
    const shown = await done('deployment', 'schedule', 'preview', 'ruled', '--limit', '5');
    assert.match(shown, new RegExp(`${tomorrow} 02:30:00 .*closed`));
    assert.match(shown, /\w of 5 min/);
    await done('deployment', 'schedule', 'update', 'ruled', '--overlap', 'queue', '--exclude', 'none');
    const diff = await done('deployment', 'diff', 'ruled.yaml');
    assert.match(diff, /= schedule night\.policy stays: .*"queu.* by hand; the file says .*"skip/);
    assert.match(diff, /= schedule night\.exclusions stays: \[\] by hand/);
    await done('deployment', 'apply', 'ruled.yaml', '--force');
    assert.match(await done('deployment', 'schedule', 'inspect', 'ruled'), words);
    await done('deployment', 'delete', 'ruled', '-y');
  },
);

test('pools and queues are made, paused, limited, listed and deleted', { timeout: 180_000 }, async () => {
  await done('work-pool', 'create', 'reports', '--concurrency-limit', '4');
  await done('work-queue', 'create', 'urgent', '--pool', 'reports', '--priority', '1');
  assert.match(await done('work-pool', 'ls'), /reports +process +no worker +0 of 4/);
  await done('work-pool', 'set-concurrency-limit', 'reports', 'none');
  assert.match(await done('work-pool', 'inspect', 'reports'), /no limit[^]*queue +urgent, priority 1/);
  await done('work-queue', 'pause', 'urgent', '--pool', 'reports');
  assert.match(await done('work-queue', 'ls', '--pool', 'reports'), /urgent +reports +1 +paused/);
  await done('work-queue', 'resume', 'urgent', '--pool', 'reports');
  assert.match((await call('work-queue', 'inspect', 'urgnt', '--pool', 'reports')).stderr, /Did you mean "urgent"/);
  assert.match((await call('work-pool', 'pause', 'report')).stderr, /Did you mean "reports"/);
  await done('worker', 'start', '--pool', 'reports', '--run-once', '--name', 'mine');
  assert.match(await done('worker', 'ls'), /mine +reports/);
  await done('work-queue', 'delete', 'urgent', '--pool', 'reports', '-y');
  await done('work-pool', 'delete', 'reports', '-y');
  assert.equal((await call('work-pool', 'inspect', 'reports')).exitCode, 3);
});
