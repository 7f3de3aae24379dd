import { defineTask } from './define.ts';

defineTask(import.meta.filename, 'unreachable', () => 0);
throw new TypeError('the module itself is broken');
