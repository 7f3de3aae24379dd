/**
 * A server with automations as people have them: some that act, some whose actions come to nothing, one that is off,
 * names and payloads that are hard to show; and the events that they fired by.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { until } from './background.ts';
import { ARABIC, EMOJI, LONG } from './ui-rich-world.ts';

type Row = Readonly<Record<string, unknown>>;

export const HOSTILE = '<img src=x onerror="globalThis.broken=1">';

export interface AutomatedWorld {
  /** It starts a run of a deployment when a run of a flow fails; it has fired. */
  readonly again: string;
  /** With names that are hard to show, two triggers and many actions; some were refused. */
  readonly hard: string;
  /** Off, and it never fired. */
  readonly off: string;
  /** A run whose failure set some of them off. */
  readonly failed: string;
  /** The event of its failure. */
  readonly failure: string;
  /** An event with a payload that is hard to show. */
  readonly hostileEvent: string;
  /** A block that notifies. */
  readonly channel: string;
}

/** Rules of every kind, some of them hard to show. */
function rulesOf(deployment: unknown, channel: string): readonly Row[] {
  const failure = {
    type: 'event',
    posture: 'Reactive',
    expect: ['prefect.flow-run.Failed', 'prefect.flow-run.Crashed'],
    match: { 'prefect.resource.id': 'prefect.flow-run.*' },
    match_related: { 'prefect.resource.role': 'flow', 'prefect.resource.name': 'nightly import' },
  };
  const absence = { type: 'event', posture: 'Proactive', expect: ['prefect.flow-run.Completed'], within: 3600 };
  const notify = { type: 'send-notification', block_document_id: channel, subject: 'A run failed', body: 'Look' };
  return [
    {
      name: 'clean up after a failure',
      description: 'What a failed import leaves behind is removed',
      tags: ['import'],
      trigger: failure,
      actions: [{ type: 'run-deployment', source: 'selected', deployment_id: deployment }],
    },
    { name: 'nothing for an hour', trigger: absence, actions: [notify] },
    {
      name: 'pool is not ready',
      trigger: { type: 'event', posture: 'Reactive', expect: ['prefect.work-pool.not-ready'] },
      actions: [{ type: 'do-nothing' }],
    },
    {
      name: 'stuck for half an hour',
      enabled: false,
      trigger: {
        ...absence,
        after: ['prefect.flow-run.Pending'],
        expect: ['prefect.flow-run.Running'],
        for_each: ['prefect.resource.id'],
        within: 1800,
      },
      actions: [{ type: 'cancel-flow-run' }],
    },
    {
      name: `${HOSTILE} ${LONG}`,
      description: `${EMOJI} ${LONG}`,
      tags: [LONG, ARABIC, 'a', 'b', 'c'],
      trigger: {
        type: 'compound',
        require: 'any',
        within: 600,
        triggers: [
          { ...failure, expect: [`shop.${LONG}`, HOSTILE, 'prefect.flow-run.Failed'], match: { [LONG]: ARABIC } },
          { ...failure, for_each: ['related:flow:prefect.resource.id'] },
        ],
      },
      actions: [
        { type: 'pause-deployment', source: 'inferred' },
        { type: 'pause-work-pool', source: 'inferred' },
        { type: 'change-flow-run-state', state: 'CANCELLED', name: LONG },
        notify,
      ],
    },
    { name: ARABIC, trigger: { ...failure, expect: ['مبيعات.*'] }, actions: [{ type: 'do-nothing' }] },
  ];
}

/** @param url of a server, with whatever is there already */
export async function makeAutomatedWorld(url: string): Promise<AutomatedWorld> {
  const ask = async (method: string, path: string, body?: unknown): Promise<Row> => {
    const answer = await fetch(`${url}/api${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer.status === 204 ? {} : ((await answer.json()) as Row);
  };
  const post = (path: string, body: unknown): Promise<Row> => ask('POST', path, body);
  const { id: flow } = await post('/flows/', { name: 'nightly import' });
  const { id: deployment } = await post('/deployments/', { name: 'clean-up', flow_id: flow });
  const channel = await makeBlock(ask, 'custom-webhook', 'team-channel', {
    name: 'team channel',
    url: 'http://127.0.0.1:9/closed',
    json_data: { text: '{{subject}} {{body}}' },
    timeout: 1,
  });
  const made = rulesOf(deployment, channel);
  const ids: string[] = [];
  for (const one of made) ids.push(String((await post('/automations/', one))['id']));
  const [again = '', , , off = '', hard = ''] = ids;

  const hostileEvent = randomUUID();
  const tell = (id: string, more: Row): Row => ({
    id,
    occurred: new Date().toISOString(),
    event: 'shop.sold',
    resource: { 'prefect.resource.id': 'shop.berlin-7', 'prefect.resource.name': 'Berlin' },
    related: [],
    payload: {},
    ...more,
  });
  await post('/events', [
    ...Array.from({ length: 20 }, (_, at) => tell(randomUUID(), { payload: { amount: at * 10 + 0.5 } })),
    tell(randomUUID(), { event: 'مبيعات.جديدة', resource: { 'prefect.resource.id': ARABIC } }),
    tell(hostileEvent, {
      event: `shop.${HOSTILE}.${LONG}`,
      resource: { 'prefect.resource.id': `shop.${LONG}`, 'prefect.resource.name': `${HOSTILE} ${'x'.repeat(10_000)}` },
      related: [{ 'prefect.resource.id': HOSTILE, 'prefect.resource.role': LONG, 'prefect.resource.name': ARABIC }],
      payload: { html: HOSTILE, long: LONG.repeat(5), deep: { list: [1, { more: [[], {}, null] }] }, rtl: ARABIC },
    }),
  ]);
  const run = await post('/flow_runs/', { flow_id: flow, name: 'import of today', state: { type: 'RUNNING' } });
  const failed = String(run['id']);
  await post(`/flow_runs/${failed}/set_state`, { state: { type: 'FAILED', message: 'the shop refused' } });
  const stateId = String((await ask('GET', `/flow_runs/${failed}`))['state_id']);
  for (const id of [again, hard])
    await until('it has acted', async () => {
      const receipts = await post(`/ostinato/automations/${id}/receipts/filter`, {});
      const all = receipts as unknown as readonly Row[];
      return all.length > 0 && all.every(({ attempts }) => Number(attempts) > 0);
    });
  return { again, hard, off, failed, failure: stateId, hostileEvent, channel };
}

/** @returns the id of its document */
export async function makeBlock(
  ask: (method: string, path: string, body?: unknown) => Promise<Row>,
  slug: string,
  name: string,
  data: Row,
): Promise<string> {
  await ask('POST', '/block_types/install_system_block_types');
  const type = await ask('GET', `/block_types/slug/${slug}`);
  const schemas = (await ask('POST', '/block_schemas/filter', {
    block_schemas: { block_type_id: { any_: [type['id']] } },
  })) as unknown as readonly Row[];
  const document = await ask('POST', '/block_documents/', {
    name,
    block_type_id: type['id'],
    block_schema_id: schemas[0]?.['id'],
    data,
  });
  return String(document['id']);
}
