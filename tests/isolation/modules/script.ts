/** A script: waits for something, defines tasks, and calls its flow at the end. */
import { setTimeout as delay } from 'node:timers/promises';

import { callAtTopLevel, defineTask } from './define.ts';

const file = import.meta.filename;
defineTask(file, 'early', () => TABLE);
const TABLE = await delay(50, 'loaded');
export const makeTask = (): void => defineTask(file, 'inFunction', () => 0);
await callAtTopLevel();
throw new Error('The flow of a module that is loaded for its tasks was run.');
