/**
 * The door for tests of flows: a world in memory where time costs nothing, faults come when they are asked for, and
 * everything that was recorded can be looked at. Works under any test runner.
 */

export { createTestWorld, TestWorld, type TestWorldOptions } from './testing/world.ts';
export { createTestPorts, type TestPorts, type TestPortsOptions } from './testing/test-ports.ts';
export type { CrashMoment, Fault, Faults } from './testing/faults.ts';
export type { FlowRunQuery, LogQuery, Recordings, TaskRunQuery } from './testing/recordings.ts';
export type { ClockMode, TestClock } from './testing/test-clock.ts';
export type { TestProcess } from './testing/test-process.ts';
export { VirtualClock } from './testing/virtual-clock.ts';
export { MemoryResults } from './testing/memory-results.ts';
