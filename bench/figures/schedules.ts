/**
 * A server with 100,000 schedules: how late it tells a worker of their slots; what it writes, and takes of the
 * processor, while none is due.
 */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Bench, Figure } from '../bench.ts';
import { p99Of, POOL } from '../deployed.ts';
import { residentBytes, startOurServer } from '../our-server.ts';
import { processorMicroseconds, writtenBytes } from '../process-use.ts';
import { reportOf } from '../program.ts';
import type { Row } from '../row.ts';
import { samplesOf } from '../samples.ts';

/** In microseconds. */
const LATE_GOAL = 50_000;
/** Slots a second while they are due. */
const RATE = 50;
/** From the start of the server until it is looked at how it idles. */
const SETTLE_MS = 10_000;

interface Filled {
  readonly armed: number;
  readonly microsecondsEach: number;
}

export const schedules: Figure = {
  name: 'schedules',
  title: 'A server with 100,000 schedules',
  async measure(bench: Bench): Promise<readonly Row[]> {
    const count = bench.quick ? 2000 : 100_000;
    const seconds = bench.quick ? 10 : 60;
    const idleMs = bench.quick ? 10_000 : 60_000;
    // Filling takes about a millisecond a schedule, and a slow disk more.
    const startAt = Date.now() + SETTLE_MS * 2 + idleMs + (bench.quick ? 60_000 : 900_000);
    const home = bench.freshFolder();
    mkdirSync(home, { recursive: true });
    const words = [count, join(home, 'ostinato.db'), Math.round(startAt / 1000), seconds, RATE * seconds];
    const filled = reportOf<Filled>(bench.runOurs('fill-schedules', words, home));
    const server = await startOurServer(home);
    try {
      await delay(SETTLE_MS);
      const idle = await useWhile(server.pid, idleMs);
      const leftMs = startAt - Date.now() - 2000;
      if (leftMs < 0) throw new Error('the database was filled too late: the first slots are over');
      await delay(leftMs);
      const told = bench.runOurs('take-due', [server.apiUrl, POOL, seconds + 4], home);
      const { late } = reportOf<{ readonly late: readonly number[] }>(told);
      if (late.length < RATE * seconds) throw new Error(`only ${late.length} of ${RATE * seconds} slots were told`);
      const row = (what: string, unit: Row['unit'], values: Row['ours'], goals: Row['goals'] = []): Row => ({
        figure: 'schedules',
        what: `${count} schedules: ${what}`,
        unit,
        goals,
        ours: values,
        peer: null,
      });
      return [
        row('a slot, until a worker is told', 'microseconds', samplesOf(late)),
        row('the same, 99 of 100', 'microseconds', p99Of(late), [{ kind: 'below', value: LATE_GOAL }]),
        row('bytes written while idle', 'bytes', samplesOf([idle.written]), [{ kind: 'below', value: 1 }]),
        row('processor time a second, idle', 'microseconds', samplesOf([idle.microsecondsASecond])),
        row('the next runs of one made ahead', 'microseconds', samplesOf([filled.microsecondsEach])),
        row('memory of the server', 'bytes', samplesOf([residentBytes(server.pid)])),
      ];
    } finally {
      await server.stop();
    }
  },
};

/** What a process writes to files, and its processor time a second, for so long. */
export async function useWhile(pid: number, ms: number) {
  const before = { microseconds: processorMicroseconds(pid), written: writtenBytes(pid) };
  await delay(ms);
  return {
    microsecondsASecond: ((processorMicroseconds(pid) - before.microseconds) / ms) * 1000,
    written: writtenBytes(pid) - before.written,
  };
}
