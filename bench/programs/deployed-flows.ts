/** The flows whose runs are asked for; as a program, it serves them. */
import { flow, serve, task } from '../../src/index.ts';

const CHAIN_LENGTH = 40;
const STEP_MS = 10;

export const due = flow(async () => {}, { name: 'due' });

const noop = task((x: number) => x, { name: 'noop' });

/** Three tasks, one after the other. */
export const three = flow(
  async () => {
    for (let index = 0; index < 3; index += 1) await noop(index);
  },
  { name: 'three' },
);

const cell = new Int32Array(new SharedArrayBuffer(4));

/** It holds the thread, as a computation does; a timer would come up to a millisecond late. */
const step = task(
  (x: number) => {
    Atomics.wait(cell, 0, 0, STEP_MS);
    return x + 1;
  },
  { name: 'step' },
);

/** Each task is given what the one before has returned. */
export const chain = flow(
  async () => {
    let value = 0;
    for (let index = 0; index < CHAIN_LENGTH; index += 1) value = await step(value);
    return value;
  },
  { name: 'chain' },
);

if (import.meta.main) await serve(due.toDeployment({ name: 'due' }), three.toDeployment({ name: 'three' }));
