/** `kill -9` from outside, whenever it comes: every hook of a saga ends once, with its own values. */
import { test } from 'node:test';

import { killSagas } from './saga-kills.ts';

test('250 times killed from outside, sagas end as if nobody had killed them', async () => {
  await killSagas(250, 'times');
});
