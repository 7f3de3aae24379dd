/**
 * A server that has seen everything that is hard to show: names without a blank, other scripts, long errors, wide
 * tables, runs in every state.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Place } from './launch.ts';

/** 200 characters without a place to break. */
export const LONG = `extract_${'abcdefghij'.repeat(19)}_v`;
export const ARABIC = 'تقرير المبيعات اليومي لجميع المتاجر';
export const EMOJI = '🧪 nightly 🚀 évaluation – 夜間バッチ処理 👩‍🔬';
const TAGS = [
  'nightly',
  ARABIC,
  '👩‍🔬 research',
  LONG.slice(0, 90),
  ...Array.from({ length: 26 }, (_, at) => `region-${at}`),
];

const PROGRAM = `
import { artifacts, flow, runContext, task } from 'ostinato';

const long = ${JSON.stringify(LONG)};
const tags = ${JSON.stringify(TAGS)};
const load = task((n: number) => n * 2, { name: 'load', runName: 'load {n}' });
const wordy = task((text: string) => { runContext()?.logger.warning(text + text); return { [text]: text }; }, { name: long, runName: long, tags });
const dig = (depth: number): never => { if (depth > 0) return dig(depth - 1); throw new TypeError('cannot read ' + long + ' of the warehouse 🏭', { cause: new Error('socket ' + long + ' hung up') }); };
const refuse = task(() => dig(60), { name: 'refuse', retries: 2, retryDelaySeconds: 0 });
const publish = task(async () => {
  await artifacts.markdown('# Report ' + long + '\\n\\n| ' + tags.slice(4).join(' | ') + ' |\\n|' + '---|'.repeat(26) + '\\n| ' + tags.slice(4).join(' | ') + ' |\\n\\n\`\`\`python\\n' + 'result = frame.groupby("region").agg(total=("amount", "sum")).reset_index().sort_values("total")[:10]  # '.repeat(3) + '\\n\`\`\`\\n\\n> ${ARABIC}\\n\\n- one **bold** \`code\`\\n- [a link](https://links.example/' + long + ')', { key: 'report', description: 'What was read ' + long });
  await artifacts.table(Array.from({ length: 40 }, (_, row) => Object.fromEntries(tags.map((tag, at) => [tag, row * at * 1.5]))), { key: 'wide-table' });
  await artifacts.table([{ note: long, 'قيمة': '${ARABIC}', n: 12345678901234567890n }], { key: 'a-table' });
  await artifacts.link('https://links.example/' + long, { key: 'a-link', text: 'The dashboard ' + long });
  await (await artifacts.progress(0, { key: 'progress' })).update(66.6);
  await artifacts.image({ svg: '<svg xmlns="http://www.w3.org/2000/svg" width="1800" height="300"><rect width="1800" height="300" fill="#8af"/></svg>' }, { key: 'picture' });
  await artifacts.image('https://images.example/chart.png', { key: 'picture-elsewhere' });
  return 'published';
}, { name: 'publish' });

const innermost = flow(async ({ n }: { n: number }) => { await load(n); return n; }, { name: 'Innermost' });
const inner = flow(async ({ n }: { n: number }) => { await load(n); await innermost({ n }); return n; }, { name: 'Inner ' + long, runName: 'inner ' + long });
export const rich = flow(async (parameters: { path: string; deep: object }) => {
  const log = runContext()?.logger;
  for (const text of ['started', long, '${ARABIC}', ${JSON.stringify(EMOJI)}, 'see https://links.example/' + long, JSON.stringify(parameters)]) log?.info(text);
  log?.error('disk is nearly full');
  const parts = await load.map(Array.from({ length: 500 }, (_, n) => n));
  await wordy(long);
  await inner({ n: parts.length });
  await publish();
  return { parts: parts.slice(0, 30), path: parameters.path };
}, { name: 'Rich ' + long, runName: long, tags });
export const failing = flow(async () => { await load(1); await refuse(); }, { name: 'Failing', runName: 'failing now', tags: ['nightly'] });
export const silent = flow(async () => {}, { name: 'Silent', runName: 'silence' });
`;

export interface RichWorld {
  readonly rich: string;
  readonly failing: string;
  readonly failedTask: string;
  readonly silent: string;
  readonly inner: string;
  readonly underWay: string;
  readonly flow: string;
  readonly artifact: string;
}

type Row = Readonly<Record<string, string>>;

/**
 * Runs flows against the server at `url`, and has it record what none of our own clients does, such as a run of
 * somebody that says nothing.
 */
export async function makeRichWorld(place: Place, url: string): Promise<RichWorld> {
  const post = async <T>(path: string, body: unknown): Promise<T> => {
    const answer = await fetch(`${url}/api${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
    return (await answer.json()) as T;
  };
  writeFileSync(join(place.project, 'rich.ts'), PROGRAM);
  const env = { OSTINATO_API_URL: `${url}/api` };
  const parameters = JSON.stringify({ path: LONG, deep: { [LONG]: [1.5, null, { arabic: ARABIC, emoji: EMOJI }] } });
  const ended = await Promise.all(
    [['rich', '--params', parameters], ['failing'], ['silent']].map(([name = '', ...rest]) =>
      place.ostinato(['run', `rich.ts:${name}`, ...rest], { env }),
    ),
  );
  assert.deepEqual(
    ended.map(({ exitCode }) => exitCode === 0),
    [true, false, true],
    ended.map(({ stderr }) => stderr).join('\n'),
  );

  const { id: flowId } = await post<Row>('/flows/', { name: ARABIC });
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  const states = [
    { type: 'SCHEDULED', state_details: { scheduled_time: soon } },
    { type: 'PENDING' },
    { type: 'RUNNING' },
    { type: 'PAUSED', state_details: { pause_timeout: soon } },
    { type: 'CANCELLED', message: LONG },
    { type: 'CRASHED', message: `${ARABIC} ${LONG}` },
    { type: 'COMPLETED', name: 'Rolled back after all' },
  ];
  const ids: string[] = [];
  for (const [at, state] of states.entries()) {
    const { id } = await post<Row>('/flow_runs/', {
      flow_id: flowId,
      name: [EMOJI, ARABIC, LONG][at % 3],
      tags: TAGS.slice(0, at),
      state,
    });
    ids.push(id ?? '');
  }
  const named = async (noun: 'flow_runs' | 'task_runs', body: object): Promise<Row> => {
    const [row] = await post<Row[]>(`/${noun}/filter`, { ...body, limit: 1 });
    assert.ok(row !== undefined, `there is none of ${JSON.stringify(body)}`);
    return row;
  };
  const ofFlow = async (name: string): Promise<Row> => await named('flow_runs', { flows: { name: { any_: [name] } } });
  const [rich, failing, silent, inner] = await Promise.all(
    [`Rich ${LONG}`, 'Failing', 'Silent', `Inner ${LONG}`].map(ofFlow),
  );
  const failedTask = await named('task_runs', {
    flow_runs: { id: { any_: [failing?.['id']] } },
    task_runs: { state: { type: { any_: ['FAILED'] } } },
  });
  const [report] = await post<Row[]>('/artifacts/filter', { artifacts: { key: { any_: ['report'] } } });
  const id = (row: Row | undefined): string => row?.['id'] ?? '';
  return {
    rich: id(rich),
    failing: id(failing),
    failedTask: id(failedTask),
    silent: id(silent),
    inner: id(inner),
    underWay: ids[2] ?? '',
    flow: flowId ?? '',
    artifact: id(report),
  };
}
