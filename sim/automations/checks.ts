/** What must be so when the world is quiet again. */

import type { ActionRecord } from '../../src/core/action-receipt.ts';
import type { Automation } from '../../src/core/automation.ts';
import { START, Stepping } from '../../src/core/automations/fixtures/stepping.ts';
import type { FlowRun } from '../../src/core/flow-run.ts';
import { RESOURCE_ID, type Event } from '../../src/core/event.ts';
import { EVERYTHING } from '../../src/core/query.ts';
import { addSeconds, type Instant } from '../../src/core/time.ts';
import type { Storage } from '../../src/store/port.ts';

const PAGE = 1000;
const FIRED = 'prefect.automation.triggered';
/** What has just fired may be acted on still. */
const UNDER_WAY_SECONDS = 10;
/** Its windows follow each other; those at whose end no server was there are left out, so they are not known here. */
export const LOOKED_AT = 'always open';

export interface QuietWorld {
  /** As it is committed. */
  readonly storage: Storage;
  readonly automations: readonly Automation[];
  /** How often the receiver has heard of an order, by what it said of it in `Idempotency-Key`. */
  readonly heard: ReadonlyMap<string, number>;
  /** Names of the events that clients have sent, by their ids. */
  readonly sent: ReadonlyMap<string, string>;
  readonly beganAt: Instant;
  readonly now: Instant;
  /** Whether the clocks of servers were right: only then is it known what fires. */
  readonly areClocksRight: boolean;
}

export interface Checked {
  /** A sentence each. */
  readonly violations: readonly string[];
  readonly firings: number;
}

export async function checkAutomations(world: QuietWorld): Promise<Checked> {
  const { storage, automations } = world;
  const events = await storage.readFullEvents({ afterSeq: 0, limit: 10_000 });
  const records: ActionRecord[] = [];
  for (const { id } of automations) records.push(...(await storage.listActionRecords(id, 10_000)));
  const fired = events.filter(({ name }) => name === FIRED).map(({ id }) => id as string);
  return {
    firings: fired.length,
    violations: [
      ...checkEvents(world, events),
      ...checkFirings(world, events, fired),
      ...checkOrders(world, records, fired),
      ...(await checkRuns(storage, records)),
    ],
  };
}

function checkEvents({ sent }: QuietWorld, events: readonly Event[]): readonly string[] {
  const there = new Set<string>(events.map(({ id }) => id));
  return [...sent.keys()].filter((id) => !there.has(id)).map((id) => `event ${id} is lost`);
}

function resourceOf({ id }: Automation): string {
  return `prefect.automation.${id}`;
}

/** One server that nobody disturbs, and that looks each second. */
function undisturbed({ automations, beganAt, now, sent }: QuietWorld, events: readonly Event[]): ReadonlySet<string> {
  const stepping = new Stepping(...automations.filter(({ name }) => name !== LOOKED_AT));
  let looksAt = beganAt;
  const lookUntil = (time: Instant): void => {
    for (; looksAt < time; looksAt = addSeconds(looksAt, 1)) stepping.step([], (looksAt - START) / 1e6);
  };
  for (const event of events) {
    if (!sent.has(event.id)) continue;
    lookUntil(event.received);
    stepping.step([event]);
  }
  lookUntil(now);
  return new Set(stepping.firings.map(({ firing }) => firing.id));
}

function checkFirings(world: QuietWorld, events: readonly Event[], fired: readonly string[]): readonly string[] {
  const there = new Set(fired);
  const violations = fired.length === there.size ? [] : ['a firing is told twice'];
  if (world.areClocksRight) {
    const looked = resourceOf(world.automations.find(({ name }) => name === LOOKED_AT) as Automation);
    const byLooks = new Set<string>(
      events.filter(({ resource }) => resource[RESOURCE_ID] === looked).map(({ id }) => id),
    );
    const expected = undisturbed(world, events);
    for (const id of expected) if (!there.has(id)) violations.push(`firing ${id} is missing`);
    for (const id of there) if (!expected.has(id) && !byLooks.has(id)) violations.push(`firing ${id} has no cause`);
  }
  // Whatever the clocks say, each of these events is a cause.
  const causes = events.filter(({ id }) => world.sent.get(id) === 'a').length;
  const each = world.automations[0] as Automation;
  const told = events.filter(
    ({ name, resource }) => name === FIRED && resource[RESOURCE_ID] === resourceOf(each),
  ).length;
  if (told !== causes) violations.push(`${causes} causes have ${told} firings`);
  return violations;
}

function checkOrders(
  { automations, heard, now }: QuietWorld,
  records: readonly ActionRecord[],
  fired: readonly string[],
): readonly string[] {
  const violations: string[] = [];
  const counts = new Map<string, number>();
  for (const { order, receipt, attempts, createdAt } of records) {
    const { id, firing, action } = order;
    counts.set(firing.id, (counts.get(firing.id) ?? 0) + 1);
    if (receipt === null) {
      if (addSeconds(createdAt, UNDER_WAY_SECONDS) < now)
        violations.push(`order ${id} is left undone after ${attempts} attempts`);
    } else if (receipt.status === 'refused') violations.push(`order ${id} was refused: ${receipt.text}`);
    const isMessage = action.includes('call-webhook');
    const times = heard.get(id) ?? 0;
    if (isMessage && receipt?.status === 'done' && times === 0) violations.push(`order ${id} is done, but unheard`);
    if (times > attempts) violations.push(`order ${id} was sent ${times} times in ${attempts} attempts`);
  }
  const wanted = (JSON.parse((automations[0] as Automation).actions.always) as readonly unknown[]).length;
  for (const id of fired)
    if (counts.get(id) !== wanted) violations.push(`firing ${id} has ${counts.get(id) ?? 0} of ${wanted} orders`);
  const known = new Set(records.map(({ order }) => order.id));
  for (const id of heard.keys()) if (!known.has(id)) violations.push(`a message of no order was heard: ${id}`);
  return violations;
}

async function checkRuns(storage: Storage, records: readonly ActionRecord[]): Promise<readonly string[]> {
  const runs: FlowRun[] = [];
  for (;;) {
    const sort = [{ field: 'id', direction: 'asc' }] as const;
    const page = await storage.find('flow_run', { where: EVERYTHING, sort, limit: PAGE, offset: runs.length });
    runs.push(...page);
    if (page.length < PAGE) break;
  }
  const violations: string[] = [];
  for (const { order, receipt } of records) {
    if (!order.action.includes('run-deployment')) continue;
    const made = runs.filter((run) => run.idempotencyKey?.endsWith(`invocation ${order.id}`)).length;
    if (made > 1 || (made === 0 && receipt?.status === 'done'))
      violations.push(`order ${order.id} has ${made} runs (${receipt?.status ?? 'not ended'})`);
  }
  const orders = records.filter(({ order }) => order.action.includes('run-deployment')).length;
  if (runs.length > orders) violations.push(`${runs.length} runs of ${orders} orders`);
  return violations;
}
