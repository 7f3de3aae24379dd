import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OstinatoError } from '../../core/errors.ts';
import type { Instant } from '../../core/time.ts';
import { VirtualClock } from '../../testing/virtual-clock.ts';
import { Link } from './link.ts';
import { Unavailable } from './transport.ts';

const gone = (retryAfterMs: number | null = null): Unavailable =>
  new Unavailable('gone', { status: null, retryAfterMs, isAmbiguous: false });

function linkTo(more: { readonly backlog?: string[] } = {}) {
  const clock = new VirtualClock(0 as Instant, 'manual');
  const backlog = more.backlog ?? [];
  const told: string[] = [];
  const events: string[] = [];
  const there = { up: true, greetings: 0, fault: null as Error | null };
  const link = new Link<'server'>({
    clock,
    random: () => 0.5,
    greet: async () => {
      there.greetings += 1;
      if (there.fault) throw there.fault;
      if (!there.up) throw gone();
      return 'server';
    },
    catchUp: async () => {
      for (let next = backlog[0]; next !== undefined; next = backlog[0]) {
        await Promise.resolve();
        if (!there.up) throw gone();
        told.push(next);
        backlog.shift();
      }
    },
    isBehind: () => backlog.length > 0,
    onAway: () => events.push('away'),
    onBack: () => events.push('back'),
  });
  const ask = (): Promise<string> =>
    link.ask(
      () => {
        if (!there.up) throw gone();
        return 'there';
      },
      () => 'here',
    );
  return { clock, link, there, backlog, told, events, ask };
}

test('an absence costs one question; after it nobody asks until the link has found the server again', async () => {
  const { clock, link, there, events, ask } = linkTo();
  assert.equal(await ask(), 'there');
  there.up = false;
  assert.deepEqual([await ask(), await ask(), await ask()], ['here', 'here', 'here']);
  assert.equal(there.greetings, 1);
  await clock.advance(10);
  assert.ok(there.greetings > 3, `only ${there.greetings} greetings`);
  assert.equal(link.isAway, true);
  there.up = true;
  await clock.advance(10);
  assert.equal(await ask(), 'there');
  assert.deepEqual(events, ['away', 'back']);
});

test('pauses between looks grow, to some seconds', async () => {
  const { clock, there, ask } = linkTo();
  there.up = false;
  await ask();
  const before = there.greetings;
  await clock.advance(3600);
  const looks = there.greetings - before;
  assert.ok(looks > 600 && looks < 900, `${looks} looks in an hour`);
});

test('what waits is told in order before anybody asks the server, also what comes meanwhile', async () => {
  const { clock, there, backlog, told, ask } = linkTo();
  there.up = false;
  assert.equal(await ask(), 'here');
  backlog.push('a', 'b');
  there.up = true;
  const back = clock.advance(1);
  backlog.push('c');
  await back;
  assert.equal(await ask(), 'there');
  assert.deepEqual(told, ['a', 'b', 'c']);
});

test('waiting for the server ends when it is there, and when the time is over', async () => {
  const { clock, link, there, ask } = linkTo();
  there.up = false;
  await ask();
  const early = link.whenUp(5);
  await clock.advance(6);
  assert.equal(await early, false);
  const late = link.whenUp(60);
  there.up = true;
  await clock.advance(10);
  assert.equal(await late, true);
});

test('a wrong password is told at once at the start, and is an absence later', async () => {
  const denied = new OstinatoError('access-denied', 'no');
  const start = linkTo();
  start.there.fault = denied;
  await assert.rejects(start.ask(), denied);
  const later = linkTo();
  assert.equal(await later.ask(), 'there');
  assert.equal(
    await later.link.ask(
      () => {
        throw denied;
      },
      () => 'here',
    ),
    'here',
  );
});

test('what the server refuses is no absence', async () => {
  const { link, events } = linkTo();
  await assert.rejects(
    link.ask(
      () => {
        throw new OstinatoError('conflict', 'no');
      },
      () => 'here',
    ),
    /no/,
  );
  assert.deepEqual(events, []);
});
