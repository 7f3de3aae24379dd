/**
 * A flow that is killed again and again: steps one after the other, in branches, mapped, nested and in a subflow.
 *
 * Every body appends a line to the effects file before it returns, and the flow appends one when it goes on after a
 * step: what was promised then is what must not run again. KILL_EFFECTS, KILL_RESULT and KILL_DURABILITY say where and
 * how, since a run that is continued by the command line sees other words than the one before. Where the effects file
 * has grown to KILL_WAIT_AT bytes the process stops for its killer, who may be slow.
 */
import { appendFileSync, statSync, writeFileSync } from 'node:fs';

import { flow, task } from '../../src/index.ts';
import type { Durability } from '../../src/core/durability.ts';

const {
  KILL_EFFECTS: effectsPath = '',
  KILL_RESULT: resultPath = '',
  KILL_DURABILITY: durability = 'process',
  KILL_WAIT_AT: waitAt = 'Infinity',
} = process.env;

const SEQUENCE = 12;
const BRANCHES = 3;
const BRANCH_STEPS = 4;
const ITEMS = 24;

/** One `write` to a file opened with O_APPEND: it is there when the call returns, whatever happens next. */
function say(word: 'body' | 'continued', step: string): void {
  appendFileSync(effectsPath, `${process.pid} ${word} ${step}\n`);
  if (statSync(effectsPath).size >= Number(waitAt)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const add = task(
  async (step: string, value: number) => {
    await pause(value % 3);
    say('body', step);
    return value + step.length;
  },
  { name: 'add' },
);

const square = task(
  async (item: number) => {
    await pause(item % 4);
    say('body', `item-${item}`);
    return item * item;
  },
  { name: 'square' },
);

const outer = task(
  async (step: string, value: number) => {
    let sum = value;
    for (let index = 0; index < 3; index += 1) {
      sum = await add(`${step}.${index}`, sum);
      say('continued', `${step}.${index}`);
    }
    say('body', step);
    // Larger than what a row holds: it goes to the result store.
    return { sum, padding: 'x'.repeat(20_000) };
  },
  { name: 'outer' },
);

const inner = flow(
  async ({ from }: { from: number }) => {
    let value = from;
    for (let index = 0; index < 4; index += 1) {
      value = await add(`inner-${index}`, value);
      say('continued', `inner-${index}`);
    }
    return value;
  },
  { name: 'inner' },
);

async function branch(name: string): Promise<number> {
  let value = 1;
  for (let index = 0; index < BRANCH_STEPS; index += 1) {
    value = await add(`${name}-${index}`, value);
    say('continued', `${name}-${index}`);
  }
  return value;
}

const unkillable = flow(
  async () => {
    let value = 0;
    for (let index = 0; index < SEQUENCE; index += 1) {
      value = await add(`sequence-${index}`, value);
      say('continued', `sequence-${index}`);
    }
    const branches = await Promise.all(Array.from({ length: BRANCHES }, (_, index) => branch(`branch-${index}`)));
    const squares = await square.map(
      Array.from({ length: ITEMS }, (_, index) => index),
      { concurrency: 5 },
    );
    for (let index = 0; index < ITEMS; index += 1) say('continued', `item-${index}`);
    const nested = await outer('outer', value);
    say('continued', 'outer');
    const fromInner = await inner({ from: nested.sum });
    return { value, branches, squares, nested: nested.sum, padding: nested.padding.length, fromInner };
  },
  { name: 'unkillable', resume: 'automatic', durability: durability as Durability },
);

const result = await unkillable();
writeFileSync(resultPath, JSON.stringify(result));
