/** The one suite that every store passes: each method of the port, its edge cases, and what they promise together. */
import { describe } from 'node:test';
import { artifactSuite } from './artifact-suite.ts';
import { cacheSuite } from './cache-suite.ts';
import { contentionSuite } from './contention-suite.ts';
import { deletionSuite } from './deletion-suite.ts';
import { eventSuite } from './event-suite.ts';
import { flowRunListSuite } from './flow-run-list-suite.ts';
import { flowRunSuite } from './flow-run-suite.ts';
import { logSuite } from './log-suite.ts';
import { processSuite } from './process-suite.ts';
import { readBackSuite } from './read-back-suite.ts';
import type { OpenStorage } from './storage-under-test.ts';
import { taskRunListSuite } from './task-run-list-suite.ts';
import { taskRunSuite } from './task-run-suite.ts';
import { variableSuite } from './variable-suite.ts';

export function storageConformance(name: string, open: OpenStorage): void {
  describe(`storage on ${name}`, () => {
    for (const suite of [
      flowRunSuite, flowRunListSuite, taskRunSuite, taskRunListSuite, readBackSuite, deletionSuite, eventSuite, logSuite, cacheSuite,
      processSuite, artifactSuite, variableSuite, contentionSuite,
    ]) {
      suite(open);
    }
  });
}
