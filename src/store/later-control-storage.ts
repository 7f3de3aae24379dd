/**
 * The parts of the storage that no run needs, loaded with the first call of one of their methods (ADR 064): for a
 * process without a server, where each call is a transaction of its own.
 */

import { lazyModule } from '../core/lazy-module.ts';
import type { ControlParts, ControlStorage } from './control-storage.ts';
import type { Database } from './driver.ts';

const control = lazyModule(() => import('./control-storage.ts'));

/** All of them: one that is missing does not compile. */
const METHODS: Readonly<Record<keyof ControlStorage, true>> = {
  recordEvents: true,
  readFullEvents: true,
  deleteEventsBefore: true,
  readState: true,
  ensureCursor: true,
  listCursors: true,
  deleteCursor: true,
  advanceCursor: true,
  insertArtifact: true,
  changeArtifact: true,
  readArtifact: true,
  moveArtifact: true,
  readLatestArtifact: true,
  readArtifactCollections: true,
  changeAutomation: true,
  listRelatedAutomations: true,
  deleteOwnedAutomations: true,
  stepAutomations: true,
  readFeed: true,
  feedStart: true,
  insertActionOrders: true,
  nextActionOrderAt: true,
  takeActionOrders: true,
  endActionAttempt: true,
  listActionRecords: true,
  countActionRecords: true,
  deleteActionRecordsBefore: true,
  changeAlert: true,
  readAlert: true,
  findOpenAlert: true,
  listAlerts: true,
  findAlerts: true,
  nextAlertAt: true,
  takeAlerts: true,
  deleteAlertsBefore: true,
  readWebhook: true,
  listWebhooks: true,
  changeWebhook: true,
  readWorkPool: true,
  changeWorkPool: true,
  changeWorker: true,
  readDeployment: true,
  readDeploymentParts: true,
  changeDeployment: true,
  listDueSchedules: true,
  listDoubtfulSchedules: true,
  listSlots: true,
  listUnpolledDeployments: true,
  pollDeployments: true,
  readVersionedDeployment: true,
  listDeploymentVersions: true,
  changeVersionedDeployments: true,
  insertBackfill: true,
  changeBackfill: true,
  listUnsettledBackfills: true,
  readBackfill: true,
  countBackfillSlots: true,
  listBackfillSlots: true,
  findSlotRuns: true,
  readBlockType: true,
  changeBlockType: true,
  readBlockSchema: true,
  insertBlockSchema: true,
  deleteBlockSchema: true,
  listBlockCapabilities: true,
  readBlockGraph: true,
  readBlockDocument: true,
  changeBlockDocument: true,
  listEndedRuns: true,
  compactFlowRun: true,
  deleteTaskRunsBefore: true,
  deleteLogsBefore: true,
  listArtifactsBefore: true,
  findNeededResults: true,
  readConfiguration: true,
  writeConfiguration: true,
  readCsrfToken: true,
  writeCsrfToken: true,
};

type Method = (...args: readonly unknown[]) => unknown;

export function laterControlStorage(database: Database, parts: ControlParts): ControlStorage {
  let made: ControlStorage | undefined;
  const method =
    (name: string): Method =>
    (...args) =>
      control(({ controlStorageOn }) => {
        made ??= controlStorageOn(database, parts);
        return (made as unknown as Readonly<Record<string, Method>>)[name]?.(...args);
      });
  return Object.fromEntries(Object.keys(METHODS).map((name) => [name, method(name)])) as unknown as ControlStorage;
}
