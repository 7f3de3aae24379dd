/** What is done with backfills: looked at beforehand, begun, read, paused, resumed, aborted. */

import { ABORTED_BEFORE, whyLeftOut } from '../../core/backfills/advance.ts';
import {
  ENDED_KEPT,
  NO_PROGRESS,
  type Backfill,
  type BackfillId,
  type BackfillProgress,
  type BackfillSlot,
} from '../../core/backfills/backfill.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { DeploymentId } from '../../core/ids.ts';
import type { Query } from '../../core/query.ts';
import { randomRunName } from '../../core/run-name.ts';
import type { BackfillSlotPage } from '../../store/port/backfills.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { advanceBackfill, advanceBackfills } from './advance.ts';
import { backfillEvent } from './events.ts';
import { planBackfill, type BackfillPlan, type BackfillRequest } from './plan.ts';

export interface StartBackfill extends BackfillRequest {
  /** Asked for again with it, it is the same. */
  readonly id?: BackfillId | undefined;
  /** Default: two words. */
  readonly name?: string | undefined;
  readonly concurrency: number;
  readonly createdBy: string | null;
}

export interface ShownBackfill {
  readonly backfill: Backfill;
  readonly progress: BackfillProgress;
}

/** A slot of a backfill that has not begun, and what would become of it. */
export interface PlannedSlot extends Pick<BackfillSlot, 'dueAt' | 'endsAt' | 'nominal' | 'fold' | 'flowRunId'> {
  readonly mark: 'gap' | 'fold' | null;
  readonly isLeftOut: boolean;
  readonly reason: string | null;
}

export interface PreviewedBackfill extends Pick<BackfillPlan, 'zone' | 'from' | 'to' | 'schedule' | 'scheduleId'> {
  readonly slots: readonly PlannedSlot[];
}

export function backfillUseCases(ports: OrchestratorPorts) {
  const { storage } = ports;
  return {
    previewBackfill: (id: DeploymentId, request: BackfillRequest) => previewBackfill(ports, id, request),
    startBackfill: (id: DeploymentId, request: StartBackfill) => startBackfill(ports, id, request),
    findBackfills: async (query: Query) => await withProgress(ports, await storage.find('backfill', query)),
    readBackfill: (id: BackfillId) => readBackfill(ports, id),
    listBackfillSlots: async (id: BackfillId, page: BackfillSlotPage) => {
      await readBackfill(ports, id);
      return await storage.listBackfillSlots(id, page);
    },
    pauseBackfill: (id: BackfillId) => changeState(ports, id, 'paused'),
    resumeBackfill: (id: BackfillId) => changeState(ports, id, 'running'),
    abortBackfill: (id: BackfillId, cancelsBegun: boolean) => changeState(ports, id, 'aborted', cancelsBegun),
    advanceBackfills: () => advanceBackfills(ports),
  };
}

function planned({ slots, earlier }: BackfillPlan, { rerun }: BackfillRequest): readonly PlannedSlot[] {
  return slots.map(({ instant, nominal, fold, mark, endsAt }) => {
    const why = whyLeftOut(earlier.get(instant) ?? [], rerun);
    return {
      dueAt: instant,
      endsAt,
      nominal,
      fold,
      mark,
      isLeftOut: why !== null,
      reason: why?.reason ?? null,
      flowRunId: why?.run ?? null,
    };
  });
}

async function previewBackfill(
  ports: OrchestratorPorts,
  id: DeploymentId,
  request: BackfillRequest,
): Promise<PreviewedBackfill> {
  const plan = await planBackfill(ports, id, request);
  const { zone, from, to, schedule, scheduleId } = plan;
  return { zone, from, to, schedule, scheduleId, slots: planned(plan, request) };
}

async function startBackfill(
  ports: OrchestratorPorts,
  deploymentId: DeploymentId,
  request: StartBackfill,
): Promise<ShownBackfill & { readonly created: boolean }> {
  const { storage, ids, clock } = ports;
  const id = request.id ?? ids.next<BackfillId>();
  const plan = await planBackfill(ports, deploymentId, request);
  const now = clock.now();
  const { deployment, flow } = plan.found;
  const fresh: Backfill = {
    id,
    name: request.name ?? randomRunName(ports.random),
    deploymentId,
    deploymentName: `${flow.name}/${deployment.name}`,
    scheduleId: plan.scheduleId,
    schedule: plan.schedule,
    from: plan.from,
    to: plan.to,
    order: request.order,
    concurrency: request.concurrency,
    rerun: request.rerun,
    parameters: plan.parameters,
    state: 'running',
    reason: null,
    cancelsBegun: false,
    createdBy: request.createdBy,
    createdAt: now,
    updatedAt: now,
    endedAt: null,
    isSettled: false,
  };
  const slots = planned(plan, request).map(({ mark: _mark, isLeftOut, ...slot }): BackfillSlot => ({
    ...slot,
    backfillId: id,
    state: isLeftOut ? 'left-out' : 'waiting',
    decidedAt: now,
  }));
  const { backfill, created } = await storage.insertBackfill(
    fresh,
    slots,
    [backfillEvent(ids, fresh, now)],
    ENDED_KEPT,
  );
  if (created) await advanceBackfill(ports, backfill.id);
  return { ...(await readBackfill(ports, backfill.id)), created };
}

async function withProgress(
  { storage }: OrchestratorPorts,
  backfills: readonly Backfill[],
): Promise<readonly ShownBackfill[]> {
  const counts = await storage.countBackfillSlots(backfills.map(({ id }) => id));
  return backfills.map((backfill) => ({ backfill, progress: counts.get(backfill.id) ?? NO_PROGRESS }));
}

/** `not-found`. */
async function readBackfill(ports: OrchestratorPorts, id: BackfillId): Promise<ShownBackfill> {
  const found = await ports.storage.find('backfill', {
    where: { op: 'eq', field: 'id', value: id },
    sort: [],
    limit: 1,
    offset: 0,
  });
  const [shown] = await withProgress(ports, found);
  if (shown === undefined) throw backfillMissing(id);
  return shown;
}

function backfillMissing(id: BackfillId): OstinatoError {
  return new OstinatoError('not-found', `There is no backfill ${id}.`, {
    remedy: '`ostinato backfill ls` shows those there are.',
  });
}

/** One that is so already stays as it is. `not-found`; `conflict` for one that has ended. */
async function changeState(
  ports: OrchestratorPorts,
  id: BackfillId,
  state: 'running' | 'paused' | 'aborted',
  cancelsBegun = false,
): Promise<ShownBackfill> {
  const now = ports.clock.now();
  await ports.storage.changeBackfill<void>(id, 0, ({ backfill: before }) => {
    if (before === null) throw backfillMissing(id);
    const isCancelledToo = state === 'aborted' && before.state === 'aborted' && cancelsBegun && !before.cancelsBegun;
    if (before.state === state && !isCancelledToo) return { answer: undefined };
    if (before.endedAt !== null && !isCancelledToo)
      throw new OstinatoError('conflict', `The backfill ${before.name} is ${before.state} already.`, {
        remedy: 'Begin another one for what is missing: ostinato deployment backfill DEPLOYMENT --from TIME',
      });
    const isAborted = state === 'aborted';
    const backfill: Backfill = {
      ...before,
      state,
      cancelsBegun: isAborted && cancelsBegun,
      reason: isAborted ? 'Somebody aborted it.' : null,
      updatedAt: now,
      endedAt: isAborted ? (before.endedAt ?? now) : null,
      isSettled: false,
    };
    return {
      backfill,
      ...(isAborted ? { cancelWaiting: { reason: ABORTED_BEFORE, at: now } } : {}),
      events: before.state === state ? [] : [backfillEvent(ports.ids, backfill, now)],
      answer: undefined,
    };
  });
  await advanceBackfill(ports, id);
  return await readBackfill(ports, id);
}
