/** Who holds the slots of a limit, and since when. */

import { deploymentLimitName } from '../../core/concurrency/deployment-slots.ts';
import { keyedLimitName } from '../../core/concurrency/concurrency-key.ts';
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
  /** A queue is named `POOL/QUEUE`, a deployment `FLOW/NAME`, the runs of one key of it `FLOW/NAME/KEY`. */
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
      const [flowName, rest] = parted(name);
      // A name has no slash: what follows one is the key of some of its runs.
      const [deploymentName, key] = rest.includes('/') ? parted(rest) : [rest, null];
      const found = await ports.storage.readDeployment({ flowName, name: deploymentName });
      return found === null ? null : heldOfDeployment(ports, found.deployment, `${flowName}/${deploymentName}`, key);
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

/** @param key of the runs that share the slots; `null`: all of the deployment do */
export async function heldOfDeployment(
  ports: OrchestratorPorts,
  deployment: Pick<Deployment, 'id' | 'concurrencyLimitId'>,
  name: string,
  key: string | null = null,
): Promise<HeldLimit | null> {
  const { limit, leases } = await readDeploymentSlots(ports, deployment, key);
  const what = { what: 'deployment', name: key === null ? name : `${name}/${key}` } as const;
  return limit === null ? null : heldOf(ports, limit, leases, what);
}

/** The limit, and the leases on it, the oldest first. `null`: it has none. */
export async function readDeploymentSlots(
  ports: OrchestratorPorts,
  { id, concurrencyLimitId }: Pick<Deployment, 'id' | 'concurrencyLimitId'>,
  key: string | null,
): Promise<{ readonly limit: ConcurrencyLimit | null; readonly leases: readonly ConcurrencyLease[] }> {
  const own = deploymentLimitName(id);
  const keyedName = key === null ? null : keyedLimitName(id, key);
  const { limits, leases } = await ports.storage.readSlots({
    names: [...(concurrencyLimitId === null ? [own] : []), ...(keyedName === null ? [] : [keyedName])],
    limitIds: concurrencyLimitId === null ? [] : [concurrencyLimitId],
    withLeases: true,
  });
  const base = limits.find((each) =>
    concurrencyLimitId === null ? each.name === own : each.id === concurrencyLimitId,
  );
  if (base === undefined) return { limit: null, leases: [] };
  const keyed = limits.find(({ name }) => name === keyedName);
  const limit =
    keyedName === null
      ? base
      : keyed === undefined
        ? { ...base, name: keyedName, activeSlots: 0, slotDecayPerSecond: 0 }
        : { ...keyed, limit: base.limit };
  const held = keyedName === null ? base.id : keyed?.id;
  return { limit, leases: leases.filter(({ limitIds }) => limitIds.some((each) => each === held)) };
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
