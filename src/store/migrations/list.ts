/** The one list, oldest first. New migrations go to its end, and `newest.ts` says how many there are. */

import { runs } from './0001-runs.ts';
import { values } from './0002-values.ts';
import { clients } from './0003-clients.ts';
import { lists } from './0004-lists.ts';
import { events } from './0005-events.ts';
import { orchestration } from './0006-orchestration.ts';
import { blocks } from './0007-blocks.ts';
import { concurrency } from './0008-concurrency.ts';
import { artifactCollections } from './0009-artifact-collections.ts';
import { heldTaskRuns } from './0010-held-task-runs.ts';
import { changedAt } from './0011-changed-at.ts';
import { pageOfRuns } from './0012-page-of-runs.ts';
import { flowRunTally } from './0013-flow-run-tally.ts';
import { namesInTime } from './0014-names-in-time.ts';
import { participations } from './0015-participations.ts';
import { itemsOfMaps } from './0016-items-of-maps.ts';
import { runners } from './0017-runners.ts';
import { eventCursors } from './0018-event-cursors.ts';
import { workPools } from './0019-work-pools.ts';
import { deployments } from './0020-deployments.ts';
import { scheduleSlots } from './0021-schedule-slots.ts';
import { deploymentVersions } from './0022-deployment-versions.ts';
import { slotPolicies } from './0023-slot-policies.ts';
import { slotRules } from './0024-slot-rules.ts';
import { backfills } from './0025-backfills.ts';
import { automations } from './0026-automations.ts';
import { runPriorities } from './0027-run-priorities.ts';
import { automationState } from './0028-automation-state.ts';
import { automationActions } from './0029-automation-actions.ts';
import { automationRevisions } from './0030-automation-revisions.ts';
import { automationStateOfRuns } from './0031-automation-state-of-runs.ts';
import { alerts } from './0032-alerts.ts';
import { webhooks } from './0033-webhooks.ts';
import type { Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [
  runs,
  values,
  clients,
  lists,
  events,
  orchestration,
  blocks,
  concurrency,
  artifactCollections,
  heldTaskRuns,
  changedAt,
  pageOfRuns,
  flowRunTally,
  namesInTime,
  participations,
  itemsOfMaps,
  runners,
  eventCursors,
  workPools,
  deployments,
  scheduleSlots,
  deploymentVersions,
  slotPolicies,
  slotRules,
  backfills,
  automations,
  runPriorities,
  automationState,
  automationActions,
  automationRevisions,
  automationStateOfRuns,
  alerts,
  webhooks,
];
