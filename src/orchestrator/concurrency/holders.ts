/** Who holds the slots of a limit, and since when. */

import { deploymentLimitName } from '../../core/concurrency/deployment-slots.ts';
import { tagLimitName, type ConcurrencyLease, type ConcurrencyLimit } from '../../core/concurrency/limit.ts';
import { decayed } from '../../core/concurrency/slots.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { FlowRunId, TaskRunId } from '../../core/ids.ts';
import type { HeldLimit, SlotHolder } from '../../core/waiting.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { slotWaits } from './ports.ts';

/** Holders that are named. */
const HOLDERS_MAX = 20;

export interface LimitQuestion {
  readonly what: HeldLimit['what'];
  /** A queue is named `POOL/QUEUE`, a deployment `FLOW/NAME`. */
  readonly name: string;
}

/**
 * `null`: there is no such limit: what is named does not exist, or is not limited.
 *
 * @returns at most 20 holders, those who hold the longest first
 */
export async function readHeldLimit(
  ports: OrchestratorPorts,
  { what, name }: LimitQuestion,
): Promise<HeldLimit | null> {
  switch (what) {
    case 'tag':
      return heldByName(ports, tagLimitName(name), { what, name });
    case 'limit':
      return heldByName(ports, name, { what, name });
    case 'deployment': {
      const [flowName, deploymentName] = parted(name);
      const found = await ports.storage.readDeployment({ flowName, name: deploymentName });
      return found === null ? null : heldOfDeployment(ports, found.deployment, name);
    }
    case 'work pool': {
      const facts = await ports.storage.readWorkPool({ name });
      return facts === null ? null : heldOfPlace(ports, what, facts.pool, name);
    }
    case 'work queue': {
      const [poolName, queueName] = parted(name);
      const facts = await ports.storage.readWorkPool({ name: poolName });
      const queue = facts?.queues.find((each) => each.name === queueName);
      return queue === undefined ? null : heldOfPlace(ports, what, queue, name);
    }
  }
}

export async function heldOfDeployment(
  ports: OrchestratorPorts,
  { id, concurrencyLimitId }: Pick<Deployment, 'id' | 'concurrencyLimitId'>,
  name: string,
): Promise<HeldLimit | null> {
  const named = concurrencyLimitId === null ? { names: [deploymentLimitName(id)] } : { limitIds: [concurrencyLimitId] };
  const { limits, leases } = await ports.storage.readSlots({ ...named, withLeases: true });
  const limit = limits.find((each) =>
    concurrencyLimitId === null ? each.name === deploymentLimitName(id) : each.id === concurrencyLimitId,
  );
  return limit === undefined ? null : heldOf(ports, limit, leases, { what: 'deployment', name });
}

/** `null`: it is not limited. */
export async function heldOfPlace(
  ports: OrchestratorPorts,
  what: 'work pool' | 'work queue',
  { id, concurrencyLimit }: { readonly id: string; readonly concurrencyLimit: number | null },
  name: string,
): Promise<HeldLimit | null> {
  if (concurrencyLimit === null) return null;
  const taken = (await ports.storage.countLeases([id])).get(id) ?? 0;
  const { leases } = await ports.storage.readSlots({ leasesOn: [id], leasesMax: HOLDERS_MAX });
  return { what, name, slots: concurrencyLimit, taken, holders: await named(ports, leases) };
}

async function heldByName(
  ports: OrchestratorPorts,
  limitName: string,
  as: Pick<HeldLimit, 'what' | 'name'>,
): Promise<HeldLimit | null> {
  const { limits, leases } = await ports.storage.readSlots({ names: [limitName], withLeases: true });
  const limit = limits.find((each) => each.name === limitName);
  return limit === undefined ? null : heldOf(ports, limit, leases, as);
}

async function heldOf(
  ports: OrchestratorPorts,
  limit: ConcurrencyLimit,
  leases: readonly ConcurrencyLease[],
  as: Pick<HeldLimit, 'what' | 'name'>,
): Promise<HeldLimit> {
  const { activeSlots } = decayed(limit, ports.clock.now(), slotWaits(ports));
  const holding = leases.filter(({ limitIds }) => limitIds.includes(limit.id)).slice(0, HOLDERS_MAX);
  return { ...as, slots: limit.limit, taken: activeSlots, holders: await named(ports, holding) };
}

async function named({ storage }: OrchestratorPorts, leases: readonly ConcurrencyLease[]): Promise<SlotHolder[]> {
  const holders: SlotHolder[] = [];
  for (const { holder, createdAt: since } of leases) {
    if (holder === null || holder.type === 'deployment') continue;
    const { type: kind, id } = holder;
    const run =
      kind === 'flow_run' ? await storage.readFlowRun(id as FlowRunId) : await storage.readTaskRun(id as TaskRunId);
    holders.push({ kind, id, name: run?.name ?? null, since });
  }
  return holders;
}

function parted(name: string): readonly [string, string] {
  const at = name.indexOf('/');
  return at < 0 ? [name, ''] : [name.slice(0, at), name.slice(at + 1)];
}
