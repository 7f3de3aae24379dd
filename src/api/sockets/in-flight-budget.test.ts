import assert from 'node:assert/strict';
import { test } from 'node:test';

import { InFlightBudget } from './in-flight-budget.ts';

test('there is budget until pieces or characters are used up, and those who wait hear of it', async () => {
  const budget = new InFlightBudget(3, 10);
  await budget.whenFree();
  budget.take(4);
  budget.take(5);
  assert.equal(budget.isFull, false);
  budget.take(0);
  assert.equal(budget.isFull, true, 'pieces');
  budget.giveBack(0);
  budget.take(1);
  budget.giveBack(0);
  assert.equal(budget.isFull, true, 'characters');
  const heard: string[] = [];
  const waiting = ['a', 'b'].map((name) => budget.whenFree().then(() => heard.push(name)));
  await Promise.resolve();
  assert.deepEqual(heard, []);
  budget.giveBack(4);
  await Promise.all(waiting);
  assert.deepEqual(heard, ['a', 'b']);
});

test('what was taken is given back when as much came back as had been taken, whatever was taken since', async () => {
  const budget = new InFlightBudget(1, 10);
  await budget.whenGivenBack();
  budget.take(1);
  budget.take(2);
  const heard: string[] = [];
  const first = budget.whenGivenBack().then(() => heard.push('first two'));
  budget.take(3);
  const second = budget.whenGivenBack().then(() => heard.push('all'));
  budget.giveBack(1);
  await Promise.resolve();
  assert.deepEqual(heard, []);
  budget.giveBack(2);
  await first;
  assert.deepEqual(heard, ['first two']);
  budget.giveBack(3);
  await second;
  assert.deepEqual(heard, ['first two', 'all']);
});
