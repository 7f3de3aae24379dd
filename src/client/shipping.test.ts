import assert from 'node:assert/strict';
import { test } from 'node:test';

import { logOf } from '../../sim/record-samples.ts';
import { SteppedClock } from '../../sim/stepped-clock.ts';
import { OstinatoError } from '../core/errors.ts';
import { Shipping } from './shipping.ts';

const AWAY = new OstinatoError('server-unavailable', 'It does not answer.');

test('what was on its way when the outage began is told first, though it hears of the outage last', async () => {
  const told: string[][] = [];
  const onTheWay: PromiseWithResolvers<void>[] = [];
  let isBack = false;
  const shipping = new Shipping({
    sink: (_records, logs) => {
      if (isBack) {
        told.push(logs.map(({ message }) => message));
        return Promise.resolve();
      }
      const answer = Promise.withResolvers<void>();
      onTheWay.push(answer);
      return answer.promise;
    },
    overflow: null,
    clock: new SteppedClock(),
    onCommitted: () => undefined,
    onRefused: (error) => assert.fail(String(error)),
    onOutage: () => undefined,
    onRecovered: () => undefined,
  });
  const send = async (message: string): Promise<void> => await shipping.send([], [{ ...logOf(1), message }]);
  const sent = ['first', 'second', 'third'].map(send);
  onTheWay[1]?.reject(AWAY);
  await sent[1];
  void send('fourth');
  onTheWay[2]?.reject(AWAY);
  onTheWay[0]?.reject(AWAY);
  await Promise.all(sent);
  assert.equal(shipping.hasCommitted(1), false);
  isBack = true;
  await shipping.retry();
  assert.deepEqual(told, [['first'], ['second'], ['third'], ['fourth']]);
  assert.equal(shipping.hasCommitted(4), true);
  shipping.close();
});
