/**
 * Whoever can write a name, a message or a value reaches no terminal with it: every command is walked over a record
 * full of control characters.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import type { Command } from 'commander';

import { buildProgram } from '../../src/cli/program.ts';
import { processTerminal } from '../../src/cli/terminal.ts';
import { faultOf } from '../house/sentences.ts';
import { HOSTILE, hostileAutomation, writeHostileRecords } from './hostile-records.ts';
import { makePlace } from './launch.ts';

const { home, ostinato, project } = makePlace();

const FORBIDDEN = /(?![\t\n])\p{Cc}|[\u200b\u2028\u202a-\u202e\u2066-\u2069]/u;
const OWN_COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d{1,3}(?:;\\d{1,3})?m`, 'g');

const FLOWS = `
import { artifacts, flow, task, variables } from 'ostinato';
const X = ${JSON.stringify(HOSTILE)};
const quiet = task(async (text: string) => text + X, { name: 'load' + X, runName: 'load-it' + X, tags: ['tag' + X] });
const loud = task(async () => { throw new Error('no price ' + X, { cause: new Error(X) }); }, { name: 'price' + X, retries: 1, retryDelaySeconds: 0 });
const records = async () => {
  console.log('printed');
  await artifacts.markdown('# Report ' + X + '\\n\\n' + X, { key: 'report', description: 'about ' + X });
  await artifacts.table([{ ['column' + X]: X, total: 1 }], { key: 'rows' });
  await artifacts.link('https://example.com/' + encodeURIComponent('a'), { key: 'link', text: 'text' + X });
  await variables.set('motto', { [X]: X }, { overwrite: true, tags: ['tag' + X] });
  await variables.set('words', 'words ' + X, { overwrite: true });
};
export const bad = flow(async ({ day }: { day: string }) => { await records(); await quiet(day); await loud(); }, { name: 'Bad' + X, runName: 'bad-' + X, tags: ['nightly' + X], labels: { owner: X } });
export const good = flow(async ({ day }: { day: string }) => { await records(); return [await quiet(day)]; }, { name: 'Good', runName: 'good-run' });
`;

/**
 * A way to call each command, by its path; what has none fails the test. `null`: it shows nothing that was recorded, or
 * goes on for ever.
 */
const CALLS: Readonly<Record<string, readonly (readonly string[])[] | null>> = {
  run: [
    ['flows.ts:good', '-p', `day=${HOSTILE.replace('\0', '')}`],
    ['flows.ts:bad', '-p', 'day=1'],
    [`nothing${HOSTILE}.ts`],
  ],
  'flow ls': [[]],
  'flow inspect': [['Good'], [`Bad${HOSTILE.replace('\0', '')}`], [HOSTILE]],
  'flow-run ls': [[], ['--state', 'failed'], ['--name', HOSTILE]],
  'flow-run inspect': [['@bad'], ['good-run'], [HOSTILE]],
  'flow-run logs': [['@bad'], ['@bad', '-f']],
  'flow-run watch': [['@bad']],
  'flow-run cancel': [['@bad']],
  'flow-run mark': [
    ['@bad', HOSTILE],
    [HOSTILE, 'crashed'],
    ['@bad', 'crashed', '--force', '-m', HOSTILE],
  ],
  'flow-run set-priority': [
    ['@bad', HOSTILE],
    ['@bad', '1e3'],
    [HOSTILE, '1'],
    ['@bad', '--', '-1'],
  ],
  'flow-run retry': [['@bad', '--plan'], ['@bad', '--entrypoint', 'flows.ts:bad'], ['good-run']],
  'flow-run delete': [['@bad'], ['@bad', '-y']],
  'flow-run execute': [[HOSTILE]],
  'deployment build': [
    ['flows.ts:good', '--name', HOSTILE],
    ['flows.ts:good', '--name', 'nightly', '--tag', HOSTILE, '--description', HOSTILE, '--overwrite'],
    ['flows.ts:bad', '--name', 'bad', '--file', 'bad.yaml'],
    [HOSTILE, '--name', 'x'],
  ],
  'deployment apply': [['Good-deployment.yaml'], ['bad.yaml'], ['flows.ts'], [HOSTILE]],
  types: [['--file', HOSTILE.replace('\0', '').replaceAll('/', '')]],
  deploy: [
    ['--dry-run', '--file', 'bad.yaml'],
    ['--file', 'flows.ts'],
    ['--file', HOSTILE.replace('\0', '')],
  ],
  'deployment run': [
    ['Good/nightly', '-p', 'day=1'],
    ['Good/nightly', '-p', `day=${HOSTILE}`, '--in', '1h'],
    ['Good/nightly', '--job-variable', `name=${HOSTILE}`, '--in', '1h'],
    [HOSTILE],
  ],
  'deployment ls': [[]],
  'deployment backfill': [
    ['Good/nightly', '--from', '2026-01-01', '--to', '2026-01-03', '--interval', '1d', '--name', 'fill', '-p', 'day=x'],
    ['Good/nightly', '--from', '2026-01-01', '--to', '2026-01-03', '--interval', '1d', '-p', `day=${HOSTILE}`],
    ['Good/nightly', '--from', HOSTILE],
    [HOSTILE, '--from', '2026-01-01'],
  ],
  'approval ls': [[]],
  'approval answer': [
    ['@asking', '--set', HOSTILE],
    ['@asking', '--set', `days=${HOSTILE}`],
    ['@asking', '--comment', HOSTILE],
    ['@bad', '--approve'],
    [HOSTILE, '--reject'],
  ],
  'alert ls': [[], ['--state', HOSTILE]],
  'alert inspect': [['@alert'], [HOSTILE]],
  'alert ack': [['@alert', '--by', HOSTILE], [HOSTILE]],
  'alert snooze': [['@alert', '--for', '2h'], ['@alert', '--for', HOSTILE], [HOSTILE]],
  'alert close': [['@alert'], [HOSTILE]],
  'automation ls': [[]],
  'automation inspect': [['@automation'], [HOSTILE]],
  'automation export': [['@automation']],
  'automation create': [
    ['--from-file', 'hostile.json'],
    ['--from-file', 'wrong.json'],
  ],
  'automation update': [[HOSTILE, '--from-file', 'hostile.json']],
  'automation apply': [['--from-file', 'hostile.json', '--dry-run']],
  'automation test': [['@automation', '--since', '3000d'], [HOSTILE]],
  'automation why': [['@automation'], ['@automation', '--event', HOSTILE]],
  'automation pause': [['@automation'], [HOSTILE]],
  'automation resume': [['@automation'], [HOSTILE]],
  'automation delete': [['@automation'], ['@automation', '-y'], [HOSTILE]],
  'notification ls': [[]],
  'notification test': [[HOSTILE, '--subject', HOSTILE, '--body', HOSTILE]],
  'webhook create': [
    [HOSTILE, '--form', 'cloudevents', '--description', HOSTILE],
    ['x', '--template', `{{${HOSTILE}`],
    ['x', '--template-file', HOSTILE.replace('\0', '')],
    ['x', '--form', HOSTILE],
  ],
  'webhook ls': [[]],
  'webhook inspect': [['@webhook'], [HOSTILE]],
  'webhook test': [
    ['@webhook', '--body', HOSTILE, '--header', HOSTILE],
    ['@webhook', '--method', HOSTILE, '--header', `a: ${HOSTILE}`],
  ],
  'webhook pause': [['@webhook'], [HOSTILE]],
  'webhook resume': [['@webhook'], [HOSTILE]],
  'webhook rotate': [['@webhook'], [HOSTILE]],
  'webhook delete': [['@webhook'], ['@webhook', '-y'], [HOSTILE]],
  'backfill ls': [[]],
  'backfill inspect': [['fill'], [HOSTILE]],
  'backfill pause': [['fill'], [HOSTILE]],
  'backfill resume': [['fill'], [HOSTILE]],
  'backfill abort': [['fill', '--running'], [HOSTILE]],
  'backfill watch': [['fill'], [HOSTILE]],
  'deployment schedule history': [['Good/nightly'], [HOSTILE]],
  'deployment inspect': [['Good/nightly'], [HOSTILE]],
  'deployment pause': [['Good/nightly'], [HOSTILE]],
  'deployment resume': [['Good/nightly'], [HOSTILE]],
  'deployment delete': [
    ['Good/nightly', '-y'],
    [HOSTILE, '-y'],
  ],
  'deployment diff': [['Good-deployment.yaml'], [HOSTILE]],
  'deployment versions': [['Good/nightly'], [HOSTILE]],
  'deployment rollback': [
    ['Good/nightly', '1'],
    ['Good/nightly', HOSTILE],
    [HOSTILE, '1'],
  ],
  'deployment schedule add': [
    ['Good/nightly', '--interval', '1d', '--slug', HOSTILE],
    ['Good/nightly', '--cron', HOSTILE],
    ['Good/nightly', '--cron', '0 99 * * *'],
    [HOSTILE, '--interval', '1d'],
  ],
  'deployment schedule ls': [['Good/nightly'], [HOSTILE]],
  'deployment schedule inspect': [['Good/nightly'], ['Good/nightly', HOSTILE]],
  'deployment schedule update': [
    ['Good/nightly', '--exclude', HOSTILE],
    ['Good/nightly', '--start', HOSTILE],
    ['Good/nightly', '--calendar', HOSTILE],
  ],
  'deployment schedule preview': [['Good/nightly'], [HOSTILE], ['--cron', '0 9 * * *', '--timezone', HOSTILE]],
  'deployment schedule pause': [['Good/nightly'], ['Good/nightly', HOSTILE]],
  'deployment schedule resume': [['Good/nightly'], ['Good/nightly', HOSTILE]],
  'deployment schedule rm': [['Good/nightly', HOSTILE], [HOSTILE]],
  'deployment schedule clear': [
    ['Good/nightly', '-y'],
    [HOSTILE, '-y'],
  ],
  'work-pool create': [['reports', '--description', HOSTILE], [HOSTILE]],
  'work-pool ls': [[]],
  'work-pool inspect': [['reports'], [HOSTILE]],
  'work-pool pause': [['reports'], [HOSTILE]],
  'work-pool resume': [['reports'], [HOSTILE]],
  'work-pool set-concurrency-limit': [
    ['reports', '3'],
    [HOSTILE, '3'],
    ['reports', HOSTILE],
  ],
  'work-queue create': [['urgent', '--pool', 'reports', '--description', HOSTILE], [HOSTILE]],
  'work-queue ls': [[], ['--pool', HOSTILE]],
  'work-queue inspect': [['urgent', '--pool', 'reports'], [HOSTILE]],
  'work-queue pause': [['urgent', '--pool', 'reports'], [HOSTILE]],
  'work-queue resume': [['urgent', '--pool', 'reports'], [HOSTILE]],
  'work-queue delete': [
    ['urgent', '--pool', 'reports', '-y'],
    [HOSTILE, '-y'],
  ],
  'work-pool delete': [
    ['reports', '-y'],
    [HOSTILE, '-y'],
  ],
  'worker ls': [[], ['--pool', HOSTILE]],
  'worker start': [['--pool', HOSTILE, '--run-once']],
  'agent start': [['-q', HOSTILE, '--run-once']],
  'task-run ls': [[], ['--state', 'failed']],
  'task-run inspect': [['@task'], [HOSTILE]],
  why: [['@bad'], ['@task'], ['good-run'], [HOSTILE]],
  'artifact ls': [[]],
  open: [['@bad'], [HOSTILE]],
  'event ls': [[], ['--name', HOSTILE], ['--since', HOSTILE], ['-f', '--limit', '3']],
  'event emit': [
    [HOSTILE, '--resource-id', HOSTILE],
    ['x', '--resource', `a=${HOSTILE}`, '--resource-id', 'y', '--payload', HOSTILE],
    ['x', '--resource-id', 'y', '--related', JSON.stringify({ [HOSTILE]: 1 })],
  ],
  'event stream': [['--since', '1h', '--limit', '3']],
  'block ls': [[], ['--type', HOSTILE]],
  'block inspect': [[HOSTILE]],
  'block delete': [[HOSTILE, '-y']],
  'artifact delete': [['report'], [HOSTILE, '-y']],
  'artifact inspect': [['report'], ['rows'], ['link'], [HOSTILE]],
  'variable ls': [[]],
  'variable get': [['words'], ['motto'], [HOSTILE]],
  'variable set': [
    ['other', HOSTILE],
    ['other', HOSTILE],
    ['third', '"x"', '--tag', HOSTILE],
  ],
  'variable inspect': [['words']],
  'variable unset': [['other']],
  'concurrency ls': [[]],
  'concurrency create': [
    [HOSTILE, '1'],
    [HOSTILE, HOSTILE],
  ],
  'concurrency holders': [
    ['tag', HOSTILE],
    ['deployment', HOSTILE],
    ['work-queue', HOSTILE],
  ],
  'concurrency delete': [[HOSTILE]],
  'server start': null,
  'server stop': [[]],
  'server status': [[]],
  sync: [[]],
  'config view': [[], ['--sources']],
  'config set': [[`log.level=${HOSTILE}`]],
  'config unset': [[HOSTILE]],
  'profile ls': [[]],
  'profile create': [[HOSTILE]],
  'profile use': [[HOSTILE]],
  'profile inspect': [[], [HOSTILE]],
  'profile delete': [[HOSTILE]],
  'profile rename': [[HOSTILE, 'x']],
  completion: [['bash'], ['zsh'], ['fish'], [HOSTILE]],
  version: [[]],
  init: [
    [HOSTILE.replace('\0', ''), '--no-install', '--ostinato', '^0.1.0'],
    ['.', '--no-install', '--ostinato', HOSTILE],
  ],
};

const ids: Record<string, string> = {};

before(async () => {
  writeFileSync(join(project, 'flows.ts'), FLOWS);
  writeFileSync(join(project, 'hostile.json'), JSON.stringify(hostileAutomation('do-nothing')));
  writeFileSync(join(project, 'wrong.json'), JSON.stringify(hostileAutomation(HOSTILE)));
  await ostinato(['concurrency', 'create', HOSTILE, '2']);
  await ostinato(['run', 'flows.ts:good', '-p', 'day=1']);
  const { flow_run: run } = JSON.parse(
    (await ostinato(['run', 'flows.ts:bad', '-p', 'day=1', '-o', 'json'])).stdout,
  ) as { flow_run: { id: string } };
  const tasks = JSON.parse((await ostinato(['task-run', 'ls', '--state', 'failed', '-o', 'json'])).stdout) as {
    id: string;
  }[];
  Object.assign(ids, {
    '@bad': run.id,
    '@task': tasks[0]?.id,
    ...(await writeHostileRecords(join(home, 'ostinato.db'))),
  });
});

test(
  'no command prints a control character of what was recorded or typed, as text and as JSON',
  { timeout: 1_000_000 },
  async (t) => {
    const leaves = leavesOf(await buildProgram(processTerminal(), { all: true }), []);
    assert.deepEqual(
      leaves.filter(({ path }) => !(path in CALLS)).map(({ path }) => path),
      [],
      'give these commands a call here',
    );
    // A backfill is watched until it is over: it is aborted before.
    const ordered = leaves.toSorted(
      (a, b) => Number(a.path === 'backfill watch') - Number(b.path === 'backfill watch'),
    );
    for (const { path, takesOutput } of ordered) {
      for (const words of CALLS[path] ?? []) {
        const typed = [...path.split(' '), ...words.map((word) => ids[word] ?? word)];
        await t.test(typed.map((word) => JSON.stringify(word).slice(0, 30)).join(' '), async () => {
          // Without colours it says the same.
          const coloured = await ostinato(typed, { env: { FORCE_COLOR: '1' } });
          assertClean(
            (coloured.stdout + coloured.stderr).replaceAll(OWN_COLOUR, (code) => (code.includes('38;5') ? code : '')),
          );
          assert.notEqual(coloured.exitCode, 70, coloured.stderr);
          assertSentences(coloured.stderr.replaceAll(OWN_COLOUR, ''));
          // The first call has changed what a second one would find.
          if (!takesOutput || path === 'flow-run delete' || path === 'flow-run retry') return;
          const json = await ostinato([...typed, '-o', 'json'], { env: { NO_COLOR: '1' } });
          assertClean(json.stdout + json.stderr);
          if (json.stdout !== '' && !words.includes('-f') && path !== 'event stream') JSON.parse(json.stdout);
        });
      }
    }
  },
);

test('what is recorded is still there to the letter, in JSON', async () => {
  assert.equal(JSON.parse((await ostinato(['variable', 'get', 'words', '-o', 'json'])).stdout), `words ${HOSTILE}`);
  const [failed] = JSON.parse((await ostinato(['task-run', 'ls', '--state', 'failed', '-o', 'json'])).stdout) as {
    task_name?: string;
    name: string;
  }[];
  // Half a character has no place in UTF-8.
  assert.ok(failed?.name.startsWith(`price${HOSTILE.slice(0, -1)}`), JSON.stringify(failed));
});

function assertClean(text: string): void {
  const found = FORBIDDEN.exec(text);
  if (found !== null)
    assert.fail(
      `U+${found[0].charCodeAt(0).toString(16)} in ${JSON.stringify(text.slice(Math.max(0, found.index - 80), found.index + 80))}`,
    );
}

/** Of an error as it is printed: what it was made of is not seen in the sources. */
function assertSentences(stderr: string): void {
  const [, message = '', remedy = ''] = /^Error: (.*)(?:\nWhat to do: (.*))?\n\(/m.exec(stderr) ?? [];
  for (const sentence of [message, remedy]) assert.equal(faultOf(sentence), null, sentence);
}

function leavesOf(command: Command, path: readonly string[]): { path: string; takesOutput: boolean }[] {
  const children = command.commands.filter((child) => child.name() !== 'help');
  if (children.length > 0) return children.flatMap((child) => leavesOf(child, [...path, child.name()]));
  return [{ path: path.join(' '), takesOutput: command.options.some(({ long }) => long === '--output') }];
}
