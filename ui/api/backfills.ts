/** Backfills: what pages show of them, and what is done with them there. */
import type { Backfill as WireBackfill, BackfillPreview } from '../../src/contract/backfill.ts';
import { postJson } from './http.ts';

export type Backfill = WireBackfill;

export interface BackfillForm {
  readonly from: string;
  /** Empty: now. */
  readonly to: string;
  /** `null`: the deployment has one only. */
  readonly scheduleId: string | null;
  readonly order: Backfill['order'];
  readonly rerun: Backfill['rerun'];
  readonly concurrency: number;
}

function requestOf({ from, to, scheduleId, order, rerun }: BackfillForm) {
  return { from: from.trim(), to: to.trim() === '' ? null : to.trim(), schedule_id: scheduleId, order, rerun };
}

/** Slots that the form shows one by one. */
const SLOTS_SHOWN = 5;

export async function previewBackfill(deploymentId: string, form: BackfillForm): Promise<BackfillPreview> {
  const path = `/ostinato/deployments/${deploymentId}/backfills/preview`;
  return await postJson(path, { ...requestOf(form), limit: SLOTS_SHOWN });
}

/** @param id made when the form was opened: sent twice, it begins one */
export async function startBackfill(deploymentId: string, id: string, form: BackfillForm): Promise<void> {
  const path = `/ostinato/deployments/${deploymentId}/backfills`;
  await postJson(path, { ...requestOf(form), id, concurrency: form.concurrency });
}

export async function changeBackfill(id: string, change: 'pause' | 'resume' | 'abort', running = false): Promise<void> {
  await postJson(`/ostinato/backfills/${id}/${change}`, change === 'abort' ? { running } : {});
}
