/** Automations: events that they count, from an event until its action is done, and very many of them. */

import { setTimeout as delay } from 'node:timers/promises';

import {
  makeAutomations,
  startReceiver,
  timeCounted,
  untilHeardEach,
  type Automated,
  type Receiver,
  type Way,
} from '../automated.ts';
import { prefectPeer, type Bench, type Figure } from '../bench.ts';
import { p99Of } from '../deployed.ts';
import { ownResidentBytes, residentBytes, startOurServer, type RunningServer } from '../our-server.ts';
import { processorMicroseconds } from '../process-use.ts';
import type { Goal, Row } from '../row.ts';
import { samplesOf, type Samples } from '../samples.ts';
import { useWhile } from './schedules.ts';

const WAYS: readonly Way[] = ['POST', 'WebSocket'];
const ACTIVE = 100;
const WARM_UP = 20;
/** From an event until its action is done, 99 of 100; in microseconds. */
const GOAL = 20_000;
/** What was started and loaded goes on for a while: compilers, caches, memory that is given back. */
const SETTLE_MS = 3000;

/** How much is done. */
interface Extent {
  readonly counted: number;
  readonly paced: number;
  readonly pauseMs: number;
  readonly many: number;
  readonly idleMs: number;
}

interface Measured {
  /** Microseconds. */
  readonly counted: Readonly<Record<Way, number>>;
  readonly heard: Readonly<Record<Way, readonly number[]>>;
  readonly many: {
    readonly count: number;
    readonly making: number;
    readonly bytesEach: number;
    readonly bytes: number;
    readonly heard: readonly number[];
    readonly processorEach: number;
    readonly idle: number;
  };
}

export const automations: Figure = {
  name: 'automations',
  title: 'Automations: from an event to the action that it sets off',
  async measure(bench: Bench): Promise<readonly Row[]> {
    const ours: Extent = bench.quick
      ? { counted: 2000, paced: 20, pauseMs: 40, many: 500, idleMs: 2000 }
      : { counted: 20_000, paced: 150, pauseMs: 40, many: 10_000, idleMs: 10_000 };
    // Prefect's server counts some hundred events a second, and reads all automations again for each that is made.
    const theirs: Extent = bench.quick
      ? { counted: 200, paced: 5, pauseMs: 40, many: 50, idleMs: 2000 }
      : { counted: 1000, paced: 50, pauseMs: 50, many: 500, idleMs: 10_000 };
    const measured = await measure(() => startOurServer(bench.freshFolder()), ours);
    const peer = bench.withPrefect ? await measure(() => bench.startPrefect(), theirs) : null;
    return rowsOf(measured, peer);
  },
};

type Server = Pick<RunningServer, 'apiUrl' | 'pid' | 'stop'>;

/** On two servers: what the first has done would hide what very many automations take of the second. */
async function measure(start: () => Promise<Server>, extent: Extent): Promise<Measured> {
  const hundred = await on(await start(), (place) => measureHundred(place, extent));
  return { ...hundred, many: await on(await start(), (place) => measureMany(place, extent)) };
}

interface MeasuredPlace extends Server {
  readonly receiver: Receiver;
}

async function on<T>(server: Server, act: (place: MeasuredPlace) => Promise<T>): Promise<T> {
  const receiver = await startReceiver();
  try {
    return await act({ ...server, receiver });
  } finally {
    receiver.close();
    await server.stop();
  }
}

async function measureHundred(
  { apiUrl, receiver }: MeasuredPlace,
  { counted, paced, pauseMs }: Extent,
): Promise<Pick<Measured, 'counted' | 'heard'>> {
  const threshold = counted / ACTIVE;
  const hundred = await makeAutomations(apiUrl, receiver, { count: ACTIVE, prefix: 'bench.act' });
  const heard = await removing(hundred, async () => {
    await untilHeardEach(apiUrl, receiver, hundred.names, { way: 'POST', count: WARM_UP, pauseMs: 0 });
    return await byWay((way) => untilHeardEach(apiUrl, receiver, hundred.names, { way, count: paced, pauseMs }));
  });
  const count = async (way: Way): Promise<number> => {
    const made = await makeAutomations(apiUrl, receiver, { count: ACTIVE, threshold, prefix: `bench.count.${way}` });
    return await removing(made, () => timeCounted(apiUrl, receiver, made.names, { way, count: counted }));
  };
  return { heard, counted: await byWay(count) };
}

async function measureMany(
  { apiUrl, pid, receiver }: MeasuredPlace,
  { many, paced, pauseMs, idleMs }: Extent,
): Promise<Measured['many']> {
  const few = await makeAutomations(apiUrl, receiver, { count: WARM_UP, prefix: 'bench.few' });
  await untilHeardEach(apiUrl, receiver, few.names, { way: 'POST', count: WARM_UP, pauseMs: 0 });
  await delay(SETTLE_MS);
  const before = ownResidentBytes(pid);
  const { names, microsecondsEach: making } = await makeAutomations(apiUrl, receiver, {
    count: many,
    prefix: 'bench.many',
  });
  await untilHeardEach(apiUrl, receiver, names, { way: 'POST', count: WARM_UP, pauseMs: 0 });
  const used = processorMicroseconds(pid);
  const heard = await untilHeardEach(apiUrl, receiver, names, { way: 'POST', count: paced, pauseMs });
  const processorEach = (processorMicroseconds(pid) - used) / heard.length;
  await delay(SETTLE_MS);
  const { microsecondsASecond: idle } = await useWhile(pid, idleMs);
  const bytesEach = Math.max(0, ownResidentBytes(pid) - before) / names.length;
  return { count: names.length, making, bytesEach, bytes: residentBytes(pid), heard, processorEach, idle };
}

/** Their server has gone with them where something fails. */
async function removing<T>(made: Automated, act: () => Promise<T>): Promise<T> {
  const answer = await act();
  await made.remove();
  return answer;
}

async function byWay<T>(act: (way: Way) => Promise<T>): Promise<Readonly<Record<Way, T>>> {
  return { POST: await act('POST'), WebSocket: await act('WebSocket') };
}

function rowsOf(ours: Measured, prefect: Measured | null): readonly Row[] {
  const row = (
    what: string,
    read: (measured: Measured) => readonly number[],
    goals: readonly Goal[] = [],
    { unit = 'microseconds', of = samplesOf }: { unit?: Row['unit']; of?: (values: readonly number[]) => Samples } = {},
  ): Row => {
    const peer = prefect === null ? null : prefectPeer(of(read(prefect)).values);
    return { figure: 'automations', what, unit, ours: of(read(ours)), peer, goals };
  };
  const fast: readonly Goal[] = [{ kind: 'below', value: GOAL }];
  const times: readonly Goal[] = [{ kind: 'times-less', factor: 10 }];
  const sooner: readonly Goal[] = [{ kind: 'times-less', factor: 3 }];
  const number = prefect === null ? `${ours.many.count}` : `${ours.many.count} (Prefect: ${prefect.many.count})`;
  return [
    ...WAYS.flatMap((way) => [
      row(`${ACTIVE} automations: event by ${way}, counted`, ({ counted }) => [counted[way]], times),
      row('event, until its webhook is called', ({ heard }) => heard[way], sooner),
      row('the same, 99 of 100', ({ heard }) => heard[way], fast, { of: p99Of }),
    ]),
    row(`${number} automations: one made`, ({ many }) => [many.making]),
    row('memory for each', ({ many }) => [many.bytesEach], [], { unit: 'bytes' }),
    row('memory of the server', ({ many }) => [many.bytes], [], { unit: 'bytes' }),
    row('event, until its webhook is called', ({ many }) => many.heard),
    row('the same, 99 of 100', ({ many }) => many.heard, fast, { of: p99Of }),
    row('processor time, event and action', ({ many }) => [many.processorEach]),
    row('processor time a second, idle', ({ many }) => [many.idle]),
  ];
}
