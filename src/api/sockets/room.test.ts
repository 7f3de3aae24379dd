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
