import type { ConcurrencyLeaseId, TaskRunId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import { acquireSlots, type SlotRequest } from './acquire.ts';
import { releaseExpiredLeases } from './expired.ts';
import { readHeldLimit, type LimitQuestion } from './holders.ts';
import {
  createLimit,
  deleteLimit,
  listLimits,
  readLimit,
  updateLimit,
  type LimitChange,
  type NewLimit,
} from './limits.ts';
import type { OrchestratorPorts } from '../ports.ts';
import type { SlotPorts } from './ports.ts';
import { releaseSlots, renewLease } from './release.ts';
import {
  acquireTagSlots,
  deleteTagLimit,
  listTagLimits,
  readTagLimit,
  releaseTagSlots,
  resetTagLimit,
  setTagLimit,
  type TagKey,
  type TagSlotRequest,
} from './tag-limits.ts';

type LimitPage = Parameters<typeof listLimits>[1];

/** What can be done with concurrency limits, bound to its ports. */
export function concurrencyUseCases(ports: OrchestratorPorts & SlotPorts) {
  return {
    createLimit: (request: NewLimit) => createLimit(ports, request),
    readLimit: (idOrName: string) => readLimit(ports, idOrName),
    listLimits: (page: LimitPage) => listLimits(ports, page),
    updateLimit: (idOrName: string, change: LimitChange) => updateLimit(ports, idOrName, change),
    deleteLimit: (idOrName: string) => deleteLimit(ports, idOrName),

    acquireSlots: (request: SlotRequest) => acquireSlots(ports, request),
    releaseSlots: (request: Parameters<typeof releaseSlots>[1]) => releaseSlots(ports, request),
    renewLease: (id: ConcurrencyLeaseId, durationSeconds: number) => renewLease(ports, id, durationSeconds),
    releaseExpiredLeases: (before?: Instant) => releaseExpiredLeases(ports, before),
    readHeldLimit: (question: LimitQuestion) => readHeldLimit(ports, question),

    setTagLimit: (tag: string, slots: number) => setTagLimit(ports, tag, slots),
    readTagLimit: (key: TagKey) => readTagLimit(ports, key),
    listTagLimits: (page: LimitPage) => listTagLimits(ports, page),
    deleteTagLimit: (key: TagKey) => deleteTagLimit(ports, key),
    resetTagLimit: (tag: string, taskRunIds: readonly string[]) => resetTagLimit(ports, tag, taskRunIds),
    acquireTagSlots: (request: TagSlotRequest) => acquireTagSlots(ports, request),
    releaseTagSlots: (request: { readonly taskRunId: TaskRunId; readonly tags?: readonly string[] }) =>
      releaseTagSlots(ports, request),
  };
}
