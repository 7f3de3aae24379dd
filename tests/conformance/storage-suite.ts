/** The one suite that every store passes: each method of the port, its edge cases, and what they promise together. */
import { describe, it } from 'node:test';
import { aggregateTests } from './aggregate-suite.ts';
import { artifactTests } from './artifact-suite.ts';
import { alertTests } from './alert-suite.ts';
import { automationActionTests } from './automation-action-suite.ts';
import { automationStepTests } from './automation-step-suite.ts';
import { automationTests } from './automation-suite.ts';
import { backfillTests } from './backfill-suite.ts';
import { blockTests } from './block-suite.ts';
import { cacheTests } from './cache-suite.ts';
import { concurrencyTests } from './concurrency-suite.ts';
import { contentionTests } from './contention-suite.ts';
import { cursorTests } from './cursor-suite.ts';
import { deploymentSlotTests } from './deployment-slot-suite.ts';
import { deploymentVersionTests } from './deployment-version-suite.ts';
import { deploymentTests } from './deployment-suite.ts';
import { deletionTests } from './deletion-suite.ts';
import { eventQueryTests } from './event-query-suite.ts';
import { eventTests } from './event-suite.ts';
import { flowRunTests } from './flow-run-suite.ts';
import { flowRunListTests } from './flow-run-list-suite.ts';
import { artifactCollectionTests } from './artifact-collection-suite.ts';
import { logTests } from './log-suite.ts';
import { orchestrationTests } from './orchestration-suite.ts';
import { orderTests } from './order-suite.ts';
import { processTests } from './process-suite.ts';
import { poolSlotTests } from './pool-slot-suite.ts';
import { queryTests } from './query-suite.ts';
import { recordedEventTests } from './recorded-event-suite.ts';
import { readBackTests } from './read-back-suite.ts';
import { retentionTests } from './retention-suite.ts';
import { taskRunSlotTests } from './task-run-slot-suite.ts';
import { runTriggerTests } from './run-trigger-suite.ts';
import { scheduleSlotTests } from './schedule-slot-suite.ts';
import { taskRunTests } from './task-run-suite.ts';
import { taskRunGroupTests } from './task-run-group-suite.ts';
import { taskRunListTests } from './task-run-list-suite.ts';
import { variableTests } from './variable-suite.ts';
import { webhookTests } from './webhook-suite.ts';
import { workPoolTests } from './work-pool-suite.ts';
import type { OpenStorage, StorageTests } from './storage-under-test.ts';

const TESTS: StorageTests = {
  ...aggregateTests,
  ...artifactTests,
  ...automationTests,
  ...automationStepTests,
  ...runTriggerTests,
  ...automationActionTests,
  ...alertTests,
  ...backfillTests,
  ...blockTests,
  ...cacheTests,
  ...concurrencyTests,
  ...contentionTests,
  ...cursorTests,
  ...deploymentSlotTests,
  ...deletionTests,
  ...deploymentTests,
  ...deploymentVersionTests,
  ...eventQueryTests,
  ...eventTests,
  ...flowRunTests,
  ...flowRunListTests,
  ...artifactCollectionTests,
  ...logTests,
  ...orchestrationTests,
  ...orderTests,
  ...processTests,
  ...poolSlotTests,
  ...queryTests,
  ...readBackTests,
  ...retentionTests,
  ...recordedEventTests,
  ...scheduleSlotTests,
  ...taskRunTests,
  ...taskRunSlotTests,
  ...taskRunGroupTests,
  ...taskRunListTests,
  ...variableTests,
  ...webhookTests,
  ...workPoolTests,
};

export function storageConformance(name: string, open: OpenStorage): void {
  void describe(`storage on ${name}`, () => {
    for (const [statement, body] of Object.entries(TESTS)) {
      void it(statement, async () => {
        const underTest = await open();
        try {
          await body(underTest.storage, underTest);
        } finally {
          await underTest.remove();
        }
      });
    }
  });
}
