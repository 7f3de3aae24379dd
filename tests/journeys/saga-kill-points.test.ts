/**
 * `kill -9` at drawn points of sagas, between any two things that they say or write: every hook ends once, with its own
 * values.
 */
import { test } from 'node:test';

import { killSagas } from './saga-kills.ts';

test('250 times killed at a point that was drawn, sagas end as if nobody had killed them', async () => {
  await killSagas(250, 'points');
});
