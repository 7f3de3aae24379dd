/**
 * Slots of tag limits for task runs of our own engine, which decides their states by itself.
 *
 * 1. All limits of the tags, or none: the decision and its rows are one transaction, as for everybody who takes slots.
 * 2. The id of a lease is its token: only by it slots are renewed and given back. A run that goes on elsewhere ends the
 *    lease that its earlier attempt has left, and takes another.
 * 3. Leases that are over, or whose process is gone, hold nobody up: they are ended before somebody is told to wait.
 */

import {
  isTagLimit,
  tagLimitName,
  tagOf,
  type ConcurrencyLease,
  type ConcurrencyLimit,
} from '../../core/concurrency/limit.ts';
import { acquire, withoutLeases } from '../../core/concurrency/slots.ts';
import { TAG_SLOT_LEASE_SECONDS, type TagSlots, type TakeTagSlots } from '../../core/concurrency/tag-slots.ts';
import type { ConcurrencyLeaseId, TaskRunId } from '../../core/ids.ts';
import { LEASE_SECONDS } from '../../core/process-record.ts';
import { isTerminal } from '../../core/state.ts';
import { addSeconds, secondsBetween, type Instant } from '../../core/time.ts';
import { judgeHolder } from '../holder.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { slotWaits } from './ports.ts';
import { releaseLease } from './release.ts';

const HOLDERS_TOLD_MAX = 5;
/** Holders whose process is checked before a caller is told to wait. */
const HOLDERS_JUDGED_MAX = 50;

interface Refused {
  readonly answer: TagSlots & { readonly outcome: 'full' };
  readonly leases: readonly ConcurrencyLease[];
}

export async function takeTagSlots(ports: OrchestratorPorts, request: TakeTagSlots): Promise<TagSlots> {
  const names = request.tags.map(tagLimitName);
  // Most tags have no limit, which is found out without a lock.
  const { limits } = await ports.storage.readSlots({ names });
  if (!limits.some((limit) => limit.active && names.includes(limit.name))) return { outcome: 'unlimited' };
  const first = await tryToTake(ports, request, names);
  if (!('leases' in first)) return first;
  let ended = 0;
  for (const lease of first.leases.slice(0, HOLDERS_JUDGED_MAX)) {
    if ((await isAbandoned(ports, lease)) && (await releaseLease(ports, lease.id))) ended += 1;
  }
  if (ended === 0) return first.answer;
  const second = await tryToTake(ports, request, names);
  return 'leases' in second ? second.answer : second;
}

async function tryToTake(
  ports: OrchestratorPorts,
  { taskRunId }: TakeTagSlots,
  names: readonly string[],
): Promise<TagSlots | Refused> {
  const now = ports.clock.now();
  return await ports.storage.changeSlots<TagSlots | Refused>(
    { names, holderId: taskRunId, withLeases: true },
    (facts) => {
      const over = facts.leases.filter((lease) => lease.holder?.id === taskRunId || lease.expiresAt < now);
      const freed = new Map(withoutLeases(facts.limits, over, now, slotWaits(ports)).map((limit) => [limit.id, limit]));
      const asked = facts.limits
        .filter((limit) => names.includes(limit.name) && limit.active)
        .map((limit) => freed.get(limit.id) ?? limit);
      const deletedLeases = over.map(({ id }) => id);
      const endOver = (answer: TagSlots | Refused) => ({ limits: [...freed.values()], deletedLeases, answer });
      if (asked.length === 0) return endOver({ outcome: 'unlimited' });
      const closed = asked.find((limit) => limit.limit === 0);
      if (closed) return endOver({ outcome: 'closed', tag: tagOf(closed) });
      const decision = acquire(asked, 1, 'concurrency', now, slotWaits(ports));
      // Not counted as denied, because a waiting caller asks again and again.
      if (decision.outcome !== 'acquired')
        return endOver(
          refused(
            asked,
            facts.leases.filter((lease) => !over.includes(lease)),
          ),
        );
      for (const limit of decision.limits) freed.set(limit.id, limit);
      const lease = newLease(ports, taskRunId, decision.limits, now);
      return {
        limits: [...freed.values()],
        leases: [lease],
        deletedLeases,
        answer: { outcome: 'taken', leaseId: lease.id },
      };
    },
  );
}

function newLease(
  ports: OrchestratorPorts,
  taskRunId: TaskRunId,
  limits: readonly ConcurrencyLimit[],
  now: Instant,
): ConcurrencyLease {
  return {
    id: ports.ids.next<ConcurrencyLeaseId>(),
    slots: 1,
    limitIds: limits.map(({ id }) => id),
    holder: { type: 'task_run', id: taskRunId },
    createdAt: now,
    expiresAt: addSeconds(now, TAG_SLOT_LEASE_SECONDS),
  };
}

function refused(asked: readonly ConcurrencyLimit[], leases: readonly ConcurrencyLease[]): Refused {
  const full =
    asked.find((limit) => isTagLimit(limit) && limit.activeSlots >= limit.limit) ?? (asked[0] as ConcurrencyLimit);
  const holding = leases.filter(({ limitIds }) => limitIds.includes(full.id));
  const holders = holding
    .slice(0, HOLDERS_TOLD_MAX)
    .flatMap(({ holder }) => (holder?.type === 'task_run' ? [holder.id as TaskRunId] : []));
  return { answer: { outcome: 'full', tag: tagOf(full), slots: full.limit, holders }, leases: holding };
}

/** Whether the run of a lease has ended, or its process is gone. Leases of other clients are left to those clients. */
async function isAbandoned(ports: OrchestratorPorts, lease: ConcurrencyLease): Promise<boolean> {
  if (lease.holder?.type !== 'task_run') return false;
  const { storage, clock } = ports;
  const run = await storage.readTaskRun(lease.holder.id as TaskRunId);
  // A living process records its runs within moments.
  if (run === null) return isOurs(lease) && secondsBetween(lease.createdAt, clock.now()) > LEASE_SECONDS;
  if (run.prefectClient !== null) return false;
  if (isTerminal(run.state)) return true;
  const flowRun = run.flowRunId === null ? null : await storage.readFlowRun(run.flowRunId);
  if (flowRun !== null && isTerminal(flowRun.state)) return true;
  const processId = run.processId ?? flowRun?.lease?.processId;
  return processId !== undefined && !judgeHolder(ports, processId, await storage.listProcesses()).alive;
}

/** Whether the lease belongs to our own engine; leases of other clients have their own durations. */
function isOurs({ createdAt, expiresAt }: ConcurrencyLease): boolean {
  return secondsBetween(createdAt, expiresAt) >= TAG_SLOT_LEASE_SECONDS;
}

/** Renews the leases. Returns those that no longer exist: their slots may be others'. */
export async function renewTagSlots(
  ports: OrchestratorPorts,
  leaseIds: readonly ConcurrencyLeaseId[],
): Promise<readonly ConcurrencyLeaseId[]> {
  const expiresAt = addSeconds(ports.clock.now(), TAG_SLOT_LEASE_SECONDS);
  return await ports.storage.changeSlots<readonly ConcurrencyLeaseId[]>({ leaseIds }, ({ leases }) => ({
    leases: leases.map((lease) => ({ ...lease, expiresAt })),
    answer: leaseIds.filter((id) => !leases.some((lease) => lease.id === id)),
  }));
}
