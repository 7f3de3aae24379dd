/**
 * Automations under a virtual clock: servers that die between cause, firing, action and receipt, clocks that jump,
 * receivers that misbehave, events that come late, twice and out of order, on a store that answers later and breaks.
 */

import { hash, randomBytes } from 'node:crypto';

import type { Automation, AutomationId } from '../../src/core/automation.ts';
import { eventTrigger } from '../../src/core/automations/fixtures/stepping.ts';
import type { OutboxEvent } from '../../src/core/event.ts';
import type { EventId } from '../../src/core/ids.ts';
import { EVERYTHING } from '../../src/core/query.ts';
import { addSeconds } from '../../src/core/time.ts';
import { WebFailure, type WebAnswer, type WebRequest } from '../../src/core/web/send-request.ts';
import { createUseCases } from '../../src/orchestrator/use-cases.ts';
import { seededRandom } from '../../src/platform/random.ts';
import { secretBox } from '../../src/platform/secret-box.ts';
import type { Storage } from '../../src/store/port.ts';
import { createSeededIds } from '../../src/testing/seeded-ids.ts';
import { openLaterStore } from '../later-store.ts';
import { SimClock } from '../sim-clock.ts';
import { Trace } from '../trace.ts';
import { checkAutomations, LOOKED_AT } from './checks.ts';
import { pick, type AutomationPlan, type PlannedEvent } from './plan.ts';
import { AutomationServer } from './server.ts';

/** Minutes that a clock is wrong by, at most, after it has jumped. */
const JUMP_MINUTES_MAX = 5;
/** A client that is not answered asks again. */
const PATIENCE_MS = 4000;
/** A receiver that hangs is given up by whoever asks it. */
const HANG_MS = 10_000;

export interface AutomationReport {
  readonly seed: number;
  /** A sentence each. */
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  readonly firings: number;
  readonly deaths: number;
  /** Messages that a receiver heard once more. */
  readonly repeated: number;
}

/** @param plant puts a defect between the store and each server */
export async function simulateAutomations(
  plan: AutomationPlan,
  plant: (storage: Storage) => Storage = (storage) => storage,
): Promise<AutomationReport> {
  const random = seededRandom(plan.seed);
  const clock = new SimClock(plan.startsAt, 0, random);
  const trace = new Trace();
  let isCalm = false;
  const say = (who: string, what: string): void => trace.say(clock.elapsedUs, who, what);
  const store = openLaterStore({
    clock,
    faults: plan.store,
    draw: seededRandom(plan.seed + 1),
    isCalm: () => isCalm,
    say: (what) => say('store', what),
    onCommit: () => undefined,
    onRollBack: () => undefined,
  });
  const failures: string[] = [];
  const onFailure = (what: string, error: unknown): void => {
    const text = `${what}: ${error instanceof Error ? error.message : String(error)}`;
    say('failure', text);
    // What was not done is done another time.
    if (!text.includes('connection to the store broke')) failures.push(text);
  };
  const key = randomBytes(32).toString('base64');
  const blockKeeping = { secrets: secretBox(() => key), sha256: (text: string) => hash('sha256', text, 'hex') };
  const automations = await furnish(store.committed, { clock, blockKeeping, plan });
  const receiver = receiverOf({ clock, random, isCalm: () => isCalm, odds: plan.troubleOdds, say });
  const servers = Array.from(
    { length: plan.servers },
    (_, index) =>
      new AutomationServer({
        clock,
        open: () => plant(store.open()),
        seed: plan.seed * 101 + index * 7,
        blockKeeping,
        draw: random,
        deathOdds: () => (isCalm ? 0 : plan.deathOdds),
        awayMsMax: plan.awayMsMax,
        send: receiver.send,
        say: (what) => say(`server ${index}`, what),
        onFailure,
      }),
  );
  for (const server of servers) server.start();
  const client = clientOf({ clock, random, servers, say });
  const sent = new Map<string, string>();
  const ids = createSeededIds(clock, seededRandom(plan.seed + 2));
  const eventIds = plan.events.map(() => ids.next<EventId>());
  const sending = plan.events.flatMap((planned, index) => {
    const id = eventIds[index] as EventId;
    sent.set(id, planned.name);
    const follows = planned.follows === null ? null : (eventIds[planned.follows] ?? ids.next<EventId>());
    const event = eventOf(planned, { id, follows: follows === id ? null : follows, plan });
    return Array.from({ length: planned.times }, () =>
      client.send(event, planned.seconds * 1000 + random() * 2000 * (planned.times - 1)),
    );
  });
  for (let jump = 0; jump < plan.jumps; jump += 1)
    clock.setTimer(random() * plan.chaosSeconds * 1000, () => {
      const server = pick(random, servers);
      server.clock.skewUs = Math.round((random() * 2 - 1) * JUMP_MINUTES_MAX * 60e6);
      say('operator', `sets a clock wrong by ${server.clock.skewUs / 1e6} s`);
    });
  await runFor(clock, plan.chaosSeconds);
  isCalm = true;
  say('operator', 'mends everything');
  for (const server of servers) server.clock.skewUs = 0;
  await runFor(clock, plan.calmSeconds);
  if (!(await isOver(Promise.all(sending)))) failures.push('a client is never answered');
  const { violations, firings } = await checkAutomations({
    storage: store.committed,
    automations,
    heard: receiver.heard,
    sent,
    beganAt: plan.startsAt,
    now: clock.now(),
    areClocksRight: plan.jumps === 0,
  });
  const deaths = servers.reduce((sum, server) => sum + server.deaths, 0);
  const repeated = [...receiver.heard.values()].reduce((sum, times) => sum + times - 1, 0);
  await store.storage.close();
  return { seed: plan.seed, violations: [...failures, ...violations], trace: trace.lines, firings, deaths, repeated };
}

async function isOver(work: Promise<unknown>): Promise<boolean> {
  return await Promise.race([work.then(() => true), new Promise<false>((resolve) => setImmediate(resolve, false))]);
}

async function runFor(clock: SimClock, seconds: number): Promise<void> {
  const until = clock.elapsedUs + seconds * 1e6;
  await clock.settle();
  while (clock.elapsedUs < until && clock.fireNext()) await clock.settle();
}

const THING = ['prefect.resource.id'];

/** The first fires for each event of its name. */
const TRIGGERS: readonly Readonly<Record<string, unknown>>[] = [
  eventTrigger({ id: 't0' }),
  eventTrigger({ id: 't1', expect: ['b'], for_each: THING, threshold: 3, within: 90 }),
  eventTrigger({ id: 't2', after: ['a'], expect: ['c'], for_each: THING, posture: 'Proactive', within: 30 }),
  {
    type: 'sequence',
    id: 't3',
    within: 120,
    triggers: [eventTrigger({ id: 't3.0', expect: ['b'] }), eventTrigger({ id: 't3.1', expect: ['c'] })],
  },
  {
    type: 'compound',
    id: 't4',
    within: 60,
    require: 'all',
    triggers: [eventTrigger({ id: 't4.0' }), eventTrigger({ id: 't4.1', expect: ['c'] })],
  },
  eventTrigger({ id: LOOKED_AT, expect: ['*'], posture: 'Proactive', threshold: 4, within: 60 }),
];

interface Furnishing {
  readonly clock: SimClock;
  readonly blockKeeping: { readonly secrets: ReturnType<typeof secretBox>; readonly sha256: (text: string) => string };
  readonly plan: AutomationPlan;
}

/** A deployment, a webhook, and automations that use both, all there before the beginning. */
async function furnish(storage: Storage, { clock, blockKeeping, plan }: Furnishing): Promise<readonly Automation[]> {
  const ids = createSeededIds(clock, seededRandom(plan.seed + 3));
  const cases = createUseCases({
    storage,
    clock,
    ids,
    random: seededRandom(plan.seed + 4),
    liveness: () => ({ alive: true, evidence: 'It answers.' }),
    blockKeeping,
  });
  await cases.installBlockTypes();
  const type = await cases.readBlockType({ slug: 'webhook' });
  const schemas = await storage.find('block_schema', { where: EVERYTHING, sort: [], limit: 1000, offset: 0 });
  const schema = schemas.find(({ blockTypeId }) => blockTypeId === type?.id);
  if (type === null || schema === undefined) throw new Error('there are no webhooks');
  const { document } = await cases.createBlockDocument({
    blockTypeId: type.id,
    blockSchemaId: schema.id,
    name: 'hook',
    isAnonymous: false,
    data: { url: 'https://hooks.example/x' },
  });
  const { flow } = await cases.ensureFlow({ name: 'sales', tags: [], labels: {} });
  const { deployment } = await cases.createDeployment({
    flowId: flow.id,
    name: 'daily',
    fields: { parameters: '{}' },
    schedules: [],
    creator: null,
    concurrencyLimit: null,
  });
  const actions = [
    { type: 'call-webhook', block_document_id: document.id, payload: 'fired' },
    { type: 'run-deployment', source: 'selected', deployment_id: deployment.id, parameters: {} },
  ];
  const madeAt = addSeconds(plan.startsAt, -3600);
  const automations = TRIGGERS.map((trigger): Automation => ({
    id: ids.next<AutomationId>(),
    name: String(trigger['id']),
    description: '',
    isEnabled: true,
    tags: [],
    trigger: JSON.stringify(trigger),
    actions: { always: JSON.stringify(actions), onTrigger: '[]', onResolve: '[]' },
    createdAt: madeAt,
    updatedAt: madeAt,
  }));
  for (const automation of automations)
    await storage.changeAutomation(automation.id, () => ({ automation, answer: null }));
  return automations;
}

interface ReceiverParts {
  readonly clock: SimClock;
  readonly random: () => number;
  readonly isCalm: () => boolean;
  readonly odds: number;
  readonly say: (who: string, what: string) => void;
}

function receiverOf({ clock, random, isCalm, odds, say }: ReceiverParts) {
  const heard = new Map<string, number>();
  const pass = (ms: number): Promise<void> => new Promise((resolve) => clock.setTimer(ms, () => resolve()));
  return {
    heard,
    async send({ headers }: WebRequest): Promise<WebAnswer> {
      await pass(random() * 50);
      const order = headers['idempotency-key'] ?? '';
      heard.set(order, (heard.get(order) ?? 0) + 1);
      const trouble =
        !isCalm() && random() < odds ? pick(random, ['fails', 'throttles', 'hangs', 'lies'] as const) : null;
      if (trouble !== null) say('receiver', `${trouble} at ${order}`);
      await pass(trouble === 'hangs' ? HANG_MS : random() * 50);
      if (trouble === 'hangs' || trouble === 'lies') throw new WebFailure('It did not answer well.', true);
      if (trouble === 'throttles') return { status: 429, headers: { 'retry-after': '7' }, body: '' };
      return { status: trouble === null ? 200 : 500, headers: {}, body: '' };
    },
  };
}

interface ClientParts {
  readonly clock: SimClock;
  readonly random: () => number;
  readonly servers: readonly AutomationServer[];
  readonly say: (who: string, what: string) => void;
}

/** Insists, at whichever server is up, until somebody has answered. */
function clientOf({ clock, random, servers, say }: ClientParts) {
  const pass = (ms: number): Promise<void> => new Promise((resolve) => clock.setTimer(ms, () => resolve()));
  const ask = async (event: OutboxEvent): Promise<boolean> => {
    const server = pick(random, servers);
    if (server.cases === null) return false;
    const received = { ...event, received: server.clock.now() };
    const asked = Promise.resolve(server.cases.recordEvents([{ event: received, taskRun: null }])).then(
      () => true,
      () => false,
    );
    return await Promise.race([asked, pass(PATIENCE_MS).then(() => false)]);
  };
  return {
    async send(event: OutboxEvent, afterMs: number): Promise<void> {
      await pass(afterMs);
      while (!(await ask(event))) await pass(random() * 3000);
      say('client', `sent ${event.name} ${event.id}`);
    },
  };
}

function eventOf(
  { name, resource, seconds, lateSeconds }: PlannedEvent,
  { id, follows, plan }: { readonly id: EventId; readonly follows: EventId | null; readonly plan: AutomationPlan },
): OutboxEvent {
  return {
    id,
    name,
    resourceId: resource,
    occurred: addSeconds(plan.startsAt, Math.floor((seconds - lateSeconds) * 1000) / 1000),
    payload: '{}',
    labels: {},
    related: [],
    follows,
  };
}
