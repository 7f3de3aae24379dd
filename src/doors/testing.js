/** What `import … from 'ostinato/testing'` loads. Its types are those of `src/testing.ts`. */
import { load } from './copy.js';

export const { MemoryResults, TestWorld, VirtualClock, createTestPorts, createTestWorld } = load('testing');
