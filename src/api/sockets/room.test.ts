import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Room } from './room.ts';

test('there is room until pieces or characters are used up, and those who wait hear of it', async () => {
  const room = new Room(3, 10);
  await room.whenFree();
  room.take(4);
  room.take(5);
  assert.equal(room.isFull, false);
  room.take(0);
  assert.equal(room.isFull, true, 'pieces');
  room.giveBack(0);
  room.take(1);
  room.giveBack(0);
  assert.equal(room.isFull, true, 'characters');
  const heard: string[] = [];
  const waiting = ['a', 'b'].map((name) => room.whenFree().then(() => heard.push(name)));
  await Promise.resolve();
  assert.deepEqual(heard, []);
  room.giveBack(4);
  await Promise.all(waiting);
  assert.deepEqual(heard, ['a', 'b']);
});

test('what was taken is given back when as much came back as had been taken, whatever was taken since', async () => {
  const room = new Room(1, 10);
  await room.whenGivenBack();
  room.take(1);
  room.take(2);
  const heard: string[] = [];
  const first = room.whenGivenBack().then(() => heard.push('first two'));
  room.take(3);
  const second = room.whenGivenBack().then(() => heard.push('all'));
  room.giveBack(1);
  await Promise.resolve();
  assert.deepEqual(heard, []);
  room.giveBack(2);
  await first;
  assert.deepEqual(heard, ['first two']);
  room.giveBack(3);
  await second;
  assert.deepEqual(heard, ['first two', 'all']);
});
