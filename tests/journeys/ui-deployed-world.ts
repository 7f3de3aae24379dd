/**
 * A server with deployments as people have them: schedules of all kinds, two pools, a worker that runs, runs that are
 * late, one that is paused, names that are hard to show.
 */
import assert from 'node:assert/strict';

import { ARABIC, EMOJI, LONG } from './ui-rich-world.ts';

type Row = Readonly<Record<string, unknown>>;

export const SALES_SCHEMA = {
  title: 'Parameters',
  type: 'object',
  properties: {
    amount: { type: 'number', title: 'Amount', description: 'In euros.', default: 1 },
    shops: { type: 'array', title: 'Shops', items: { type: 'string' }, default: ['Berlin'] },
    mode: { enum: ['full', 'quick'], title: 'Mode', default: 'full' },
    since: { type: 'string', format: 'date', title: 'Since' },
  },
  required: ['amount', 'since'],
};

/** With everything that can be said of its slots. */
const RULED: Row = {
  schedule: { rrule: 'FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=4' },
  catch_up: 'latest',
  max_lateness: 5400,
  overlap: 'cancelOldest',
  jitter: 90,
  start: '2026-01-01',
  end: '2040-12-31T18:00:00',
  exclusions: [
    { from: '2030-12-24', to: '2030-12-26', name: 'Christmas', calendar: 'holidays.ics' },
    { from: '2031-05-01' },
    { from: '2031-06-01', name: LONG, calendar: LONG },
  ],
};

export interface DeployedWorld {
  /** With two schedules, runs and a form. */
  readonly daily: string;
  readonly paused: string;
  /** With names that are hard to show. */
  readonly long: string;
  /** Nobody has run it, and nothing will. */
  readonly silentDeployment: string;
}

/** @param url of a server, with whatever is there already */
export async function makeDeployedWorld(url: string): Promise<DeployedWorld> {
  const post = async (path: string, body: unknown): Promise<Row> => {
    const answer = await fetch(`${url}/api${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer.status === 204 ? {} : ((await answer.json()) as Row);
  };
  await post('/work_pools/', { name: 'local', type: 'process', description: 'On the machine under the desk' });
  await post('/work_pools/', { name: 'cluster', type: 'kubernetes', concurrency_limit: 4, is_paused: true });
  await post('/work_pools/local/queues', { name: 'urgent', priority: 1, concurrency_limit: 2 });
  for (const name of ['box-1', `box ${LONG}`])
    await post('/work_pools/local/workers/heartbeat', { name, heartbeat_interval_seconds: 3600 });

  const berlin = { timezone: 'Europe/Berlin' };
  const made: Readonly<Record<string, Row>> = {
    daily: {
      flow: 'sales',
      description: 'The sales of all shops, into the warehouse',
      tags: ['nightly', 'warehouse'],
      parameter_openapi_schema: SALES_SCHEMA,
      enforce_parameter_schema: true,
      parameters: { amount: 12.5 },
      work_pool_name: 'local',
      version: 'a1b2c3',
      entrypoint: 'flows/sales.ts:sales',
      schedules: [
        { schedule: { cron: '30 2 * * *', ...berlin }, slug: 'night' },
        { schedule: { interval: 3600 }, active: false, parameters: { mode: 'quick' } },
      ],
    },
    'every-5-minutes': { flow: 'sales', schedules: [{ schedule: { cron: '*/5 * * * *' } }], work_pool_name: 'local' },
    reports: { flow: 'reports', schedules: [{ schedule: { cron: '0 9 * * 1-5', ...berlin } }] },
    monthly: { flow: 'reports', paused: true, schedules: [{ schedule: { cron: '0 6 1 * *', ...berlin } }] },
    'by-hand': { flow: 'clean up', work_pool_name: 'cluster' },
    rule: { flow: 'clean up', schedules: [RULED] },
    [LONG]: {
      flow: `Rich ${LONG}`,
      description: `${EMOJI} ${LONG}`,
      tags: [LONG, ARABIC, 'a', 'b', 'c'],
      schedules: [
        { schedule: { cron: '30 2,9,15,21 * * 0-5', ...berlin } },
        { schedule: { interval: 86_400, ...berlin } },
      ],
      parameters: { [LONG]: ARABIC },
      job_variables: { env: { [LONG]: 1 } },
    },
    [ARABIC]: { flow: ARABIC, schedules: [{ schedule: { interval: 5400 } }] },
    'model-training': { flow: 'train', tags: ['gpu'], work_pool_name: 'local', work_queue_name: 'urgent' },
    silent: { flow: 'train' },
  };
  const ids: Record<string, string> = {};
  for (const [name, { flow, ...rest }] of Object.entries(made)) {
    const { id: flowId } = await post('/flows/', { name: flow });
    ids[name] = String((await post('/deployments/', { name, flow_id: flowId, ...rest }))['id']);
  }
  await makeHistory(post, `Rich ${LONG}`, LONG, ids[LONG] ?? '');
  const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
  const run = (deployment: string, name: string, state: Row, labels: Row = {}) =>
    post(`/deployments/${ids[deployment] ?? ''}/create_flow_run`, {
      name,
      state,
      labels,
      parameters: { since: '2026-01-01' },
    });
  const ended = ['COMPLETED', 'COMPLETED', 'FAILED', 'COMPLETED', 'CRASHED', 'COMPLETED'];
  for (let at = 0; at < 30; at += 1) {
    const type = ended[at % ended.length];
    await run('daily', `night-${at}`, { type, message: type === 'FAILED' ? `the warehouse refused ${LONG}` : null });
  }
  for (const name of ['every-5-minutes', 'reports', 'model-training', LONG, ARABIC])
    for (const type of ended) await run(name, `${type.toLowerCase()} of ${name.slice(0, 40)}`, { type });
  await run('daily', 'under-way', { type: 'RUNNING' });
  // As the claim of a worker leaves it.
  await run('model-training', 'epoch-7', { type: 'RUNNING' }, { 'ostinato.worker': 'box-1' });
  await run('every-5-minutes', 'being-taken', { type: 'PENDING' });
  for (const minutes of [4, 9, 61])
    await run('by-hand', `late-${minutes}`, {
      type: 'SCHEDULED',
      name: 'Late',
      state_details: { scheduled_time: ago(minutes) },
    });
  return {
    daily: ids['daily'] ?? '',
    paused: ids['monthly'] ?? '',
    long: ids[LONG] ?? '',
    silentDeployment: ids['silent'] ?? '',
  };
}

/** Two versions, something that was changed by hand, and times of its schedules that are known. */
async function makeHistory(
  post: (path: string, body: unknown) => Promise<Row>,
  flow: string,
  name: string,
  id: string,
): Promise<void> {
  const source = {
    by: `somebody@${LONG}`,
    file: `${LONG}.yaml`,
    git_commit: 'a1b2c3d4e5'.repeat(4),
    is_git_dirty: true,
  };
  for (const description of [`${ARABIC} ${LONG}`, `${EMOJI} ${LONG}`])
    await post('/ostinato/deployments/apply', { deployments: [{ flow_name: flow, name, description, source }] });
  await post(`/deployments/${id}/schedules`, [{ schedule: { interval: 172_800 }, slug: 'by-hand' }]);
  await post(`/deployments/${id}/schedule`, {});
}
