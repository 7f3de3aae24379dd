/**
 * Leases that nobody renewed.
 *
 * 1. A slot is given to others only with evidence: that its holder is gone, or that whoever must renew it did not. The
 *    evidence is told as an event.
 * 2. Runs of work pools do not renew their slots themselves: whoever supervises them (the process that has the run, the
 *    worker that started it) is looked for, and while it is there the slot is kept, however long it takes to start.
 */

import { limitedBy, POOL_LEASE_SECONDS } from '../../core/concurrency/pool-slots.ts';
import type { ConcurrencyLease, ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import { withoutLeases } from '../../core/concurrency/slots.ts';
import { RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE, type OutboxEvent } from '../../core/event.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import type { EventId, FlowRunId, WorkPoolId } from '../../core/ids.ts';
import { matching } from '../../core/list-query.ts';
import { isTerminal } from '../../core/state.ts';
import { addSeconds, formatInstant, type Instant } from '../../core/time.ts';
import { showInstant } from '../../core/why-phrases.ts';
import { inspectHolder } from '../holder.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { slotWaits } from './ports.ts';

/** Leases in one call. */
const EXPIRED_LEASES_MAX = 100;

interface Judged {
  readonly isKept: boolean;
  /** A sentence. */
  readonly evidence: string;
  /** The holder's name; `null`: it has none, or is gone. */
  readonly name: string | null;
}

/**
 * Ends leases that expired before `before`, default now, or renews them for a holder that is there all the same.
 * Returns how many were looked at. Call again while it returns more than 0.
 */
export async function releaseExpiredLeases(ports: OrchestratorPorts, before?: Instant): Promise<number> {
  const { storage, clock } = ports;
  const due = before ?? clock.now();
  const { leases } = await storage.readSlots({ expiredBefore: due, leasesMax: EXPIRED_LEASES_MAX });
  for (const lease of leases) {
    const judged = await judge(ports, lease);
    const now = clock.now();
    await storage.changeSlots<null>({ leaseIds: [lease.id] }, ({ limits, leases: [there] }) => {
      // Renewed, or given back, since we looked.
      if (there === undefined || there.expiresAt !== lease.expiresAt) return { answer: null };
      if (judged.isKept)
        return { leases: [{ ...there, expiresAt: addSeconds(now, POOL_LEASE_SECONDS) }], answer: null };
      return {
        limits: withoutLeases(limits, [there], now, slotWaits(ports)),
        deletedLeases: [there.id],
        events: [expiredEvent(ports, there, limits, judged, now)],
        answer: null,
      };
    });
  }
  return leases.length;
}

const NOT_RENEWED: Judged = { isKept: false, evidence: 'Its holder did not renew it.', name: null };

async function judge(ports: OrchestratorPorts, lease: ConcurrencyLease): Promise<Judged> {
  if (lease.holder?.type !== 'flow_run') return NOT_RENEWED;
  const run = await ports.storage.readFlowRun(lease.holder.id as FlowRunId);
  if (run === null) return { isKept: false, evidence: 'Its run was deleted.', name: null };
  const { name } = run;
  const { workQueueId = null, workPoolId = null } = run.submission ?? {};
  const isOfPool =
    workQueueId !== null &&
    workPoolId !== null &&
    limitedBy({ id: workQueueId, workPoolId }).some((id) => lease.limitIds.includes(id));
  if (!isOfPool) return { ...NOT_RENEWED, name };
  return { ...(await supervised(ports, run, workPoolId)), name };
}

async function supervised(
  ports: OrchestratorPorts,
  run: FlowRun,
  workPoolId: WorkPoolId,
): Promise<Pick<Judged, 'isKept' | 'evidence'>> {
  const { state } = run;
  if (isTerminal(state)) return { isKept: false, evidence: `Its run is ${state.name}.` };
  if (state.type === 'SCHEDULED' && run.policy.retryType !== 'in_process')
    return { isKept: false, evidence: 'Its run waits to be taken again.' };
  const holder = await inspectHolder(ports, run);
  if (holder !== null) return { isKept: holder.alive, evidence: holder.evidence };
  // What runs is ended by whoever looks after lost and silent runs, and gives its slot back then.
  if (state.type !== 'PENDING') return { isKept: true, evidence: `Its run is ${state.name}.` };
  return workerOf(ports, run, workPoolId);
}

/** Prefect's workers write their name on the runs that they start. */
const WORKER_LABEL = 'prefect.worker.name';

async function workerOf(
  { storage }: OrchestratorPorts,
  { labels }: FlowRun,
  workPoolId: WorkPoolId,
): Promise<Pick<Judged, 'isKept' | 'evidence'>> {
  const name = labels[WORKER_LABEL];
  if (typeof name !== 'string') return { isKept: false, evidence: 'No worker has said that it starts its run.' };
  const [worker] = await storage.find('worker', {
    where: matching({ workPoolId, name }),
    sort: [],
    limit: 1,
    offset: 0,
  });
  if (worker?.status === 'ONLINE') return { isKept: true, evidence: `Worker "${name}" starts it.` };
  return {
    isKept: false,
    evidence:
      worker === undefined
        ? `Worker "${name}", which was to start it, is not registered any more.`
        : `Worker "${name}", which was to start it, was last heard at ${showInstant(worker.lastHeartbeat)}.`,
  };
}

function expiredEvent(
  { ids }: Pick<OrchestratorPorts, 'ids'>,
  lease: ConcurrencyLease,
  limits: readonly ConcurrencyLimit[],
  { evidence, name }: Judged,
  now: Instant,
): OutboxEvent {
  const { holder } = lease;
  const kind = holder === null ? null : holder.type.replace('_', '-');
  return {
    id: ids.next<EventId>(),
    name: 'ostinato.concurrency-lease.expired',
    resourceId: `ostinato.concurrency-lease.${lease.id}`,
    occurred: now,
    payload: JSON.stringify({
      evidence,
      holder: holder === null ? null : { type: holder.type, id: holder.id, name },
      since: formatInstant(lease.createdAt),
      expired: formatInstant(lease.expiresAt),
      slots: lease.slots,
      limits: limits.map((limit) => limit.name),
    }),
    labels: {},
    related: [
      ...(holder === null || kind === null
        ? []
        : [
            {
              [RESOURCE_ID]: `prefect.${kind}.${holder.id}`,
              [RESOURCE_ROLE]: kind,
              ...(name === null ? {} : { [RESOURCE_NAME]: name }),
            },
          ]),
      ...lease.limitIds.map((id) => ({ [RESOURCE_ID]: `prefect.concurrency-limit.${id}`, [RESOURCE_ROLE]: 'limit' })),
    ],
  };
}
