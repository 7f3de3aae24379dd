/**
 * Every table of every command, on terminals of 80 and of 60 columns: no line is wider, names are whole, ids are short
 * and still find what they name.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { main } from '../../src/cli/main.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { textWidth } from '../../src/cli/text-width.ts';
import type { AlertId } from '../../src/core/alerts/alert.ts';
import { makeActionOrder, makeAlert, makeAutomation } from '../conformance/samples.ts';
import { makePlace } from './launch.ts';

const { ostinato, home, project } = makePlace();

const ALERT = '018f0000-0000-7000-8000-0000000000b1';
const LONG = 'a-rather-long-name-of-a-run-of-the-month';
const WIDE = '日次売上の集計と確認のための実行';
const FLOWS = `
import { artifacts, flow, INPUTS, task, variables } from 'ostinato';
const load = task(async (name: string) => name, { name: 'load-what-is-needed-of-it', cache: INPUTS });
export const main = flow(async ({ name }: { name: string }) => {
  await artifacts.markdown('# A report with many words in its first line, more than there is room for', { key: 'a-report-about-everything-there-is' });
  await artifacts.table([Object.fromEntries(Array.from({ length: 30 }, (_, index) => ['column-' + index, '日本 text of it ' + index]))], { key: 'wide-table' });
  await variables.set('a_variable_of_some_length_here', { [name]: 'x'.repeat(100) }, { overwrite: true, tags: ['one', 'two', 'three'] });
  return await load(name);
}, { name: 'The flow of all flows ' + '${WIDE}', runName: '{name}' });
`;

before(async () => {
  writeFileSync(join(project, 'flows.ts'), FLOWS);
  for (const name of [LONG, WIDE, `${LONG}-${WIDE}-${LONG}`])
    assert.equal((await ostinato(['run', 'flows.ts', '-p', `name=${name}`])).exitCode, 0);
  await ostinato(['concurrency', 'create', 'a-tag-that-is-limited', '3']);
  await ostinato([
    'deployment',
    'build',
    '-n',
    LONG,
    'flows.ts',
    '--cron',
    '0 9 * * *',
    '--interval',
    '1d',
    '--file',
    'd.yaml',
  ]);
  await ostinato(['deployment', 'apply', 'd.yaml']);
  await ostinato([
    'work-pool',
    'create',
    LONG,
    '--description',
    'a pool with a rather long text about it, as people write',
  ]);
  const range = ['--from', '2026-01-01', '--to', '2026-01-03', '--interval', '1d', '-p', 'name=x'];
  await ostinato(['deployment', 'backfill', LONG, ...range, '--name', 'a-backfill-of-some-length']);
  const storage = openSqliteStorage({ path: join(home, 'ostinato.db') });
  const automation = makeAutomation(LONG, {
    description: 'an automation with a rather long text about it, as people write',
    trigger: JSON.stringify({ type: 'event', expect: ['prefect.flow-run.Failed', 'prefect.flow-run.Crashed'] }),
    actions: { always: '[{"type":"change-flow-run-state"}]', onTrigger: '[]', onResolve: '[{"type":"do-nothing"}]' },
  });
  await storage.changeAutomation(automation.id, () => ({ automation, answer: null }));
  await storage.insertActionOrders([makeActionOrder(automation.id)], automation.createdAt);
  const alert = makeAlert({ id: ALERT as AlertId, cause: 'ValueError: a cause of some length, as programs write it' });
  await storage.changeAlert({ id: alert.id }, () => ({ alert, dueAt: null, answer: null }));
  storage.close();
  // The newest run is a short one.
  assert.equal((await ostinato(['run', 'flows.ts', '-p', 'name=short'])).exitCode, 0);
  await ostinato(['work-queue', 'create', LONG, '--pool', LONG]);
  await ostinato(['profile', 'create', 'a-profile-of-another-place']);
});

async function print(columns: number, words: readonly string[]): Promise<string> {
  let text = '';
  const terminal: Terminal = {
    out: (more) => void (text += more),
    err: () => {},
    clearLine: () => {},
    style: (_, more) => more,
    styleErr: (_, more) => more,
    columns,
    isInteractive: false,
    environment: { PATH: process.env['PATH'], HOME: home, OSTINATO_HOME: home },
    workingDirectory: project,
  };
  assert.equal(await main(words, terminal), 0);
  return text;
}

/** The words, and a name that is there whole where it leaves room for the rest. */
const TABLES: readonly (readonly [words: readonly string[], whole: string | null])[] = [
  [['flow', 'ls'], null],
  [['deployment', 'ls'], null],
  [['deployment', 'schedule', 'ls', LONG], null],
  [['deployment', 'schedule', 'preview', LONG], null],
  [
    [
      'deployment',
      'backfill',
      LONG,
      '--from',
      '2026-01-01',
      '--to',
      '2026-01-03',
      '--cron',
      '0 9 * * *',
      '-p',
      'name=x',
      '--dry-run',
    ],
    null,
  ],
  [['alert', 'ls'], ALERT],
  [['automation', 'ls'], LONG],
  [['automation', 'inspect', LONG], null],
  [['backfill', 'ls'], 'a-backfill-of-some-length'],
  [['backfill', 'inspect', 'a-backfill-of-some-length'], null],
  [['work-pool', 'ls'], LONG],
  [['work-queue', 'ls'], LONG],
  [['flow-run', 'ls'], LONG],
  [['flow-run', 'ls', '--limit', '1'], 'short'],
  [['task-run', 'ls'], 'load-what-is-needed-of-it-0'],
  [['artifact', 'ls'], null],
  [['artifact', 'inspect', 'wide-table'], null],
  [['variable', 'ls'], 'a_variable_of_some_length_here'],
  [['concurrency', 'ls'], 'a-tag-that-is-limited'],
  [['config', 'view', '--sources'], 'log.level'],
  [['profile', 'ls'], 'a-profile-of-another-place'],
  [['event', 'ls'], 'prefect.flow-run.Completed'],
  [['flow', 'inspect', `The flow of all flows ${WIDE}`], null],
];

for (const columns of [80, 60, 40]) {
  test(`${columns} columns`, async () => {
    for (const [words, whole] of TABLES) {
      const text = await print(columns, words);
      const lines = text.split('\n');
      // Facts above a table are no table.
      const head = lines.findIndex((line) =>
        /^(?:ID|NAME|TAG|SETTING|ACTIVE|TIMES?|SLUG|SLOT|DATE|EVENT|FIRED|column-0)\b/.test(line),
      );
      assert.notEqual(head, -1, text);
      for (const line of lines.slice(head)) assert.ok(textWidth(line) <= columns, `${words.join(' ')}: ${line}`);
      if (whole !== null && textWidth(whole) < columns - 30)
        assert.ok(text.includes(whole), `${words.join(' ')}:\n${text}`);
    }
    const ids = (await print(columns, ['flow-run', 'ls']))
      .split('\n')
      .flatMap((line) => /^[0-9a-f]{8}-[0-9a-f-]*/.exec(line)?.[0] ?? []);
    assert.deepEqual([ids.length, new Set(ids).size], [5, 5]);
    for (const id of ids) assert.match(await print(200, ['flow-run', 'inspect', id]), /^id +/);
  });
}
