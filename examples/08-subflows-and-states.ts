/**
 * # 8 · Subflows and states
 *
 * - A flow called inside a flow is a run of its own, shown under its parent.
 * - What a flow returns decides how it ends: a value completes it, an error fails it, and `completed({ name })` or
 *   `failed({ message })` say it in your own words.
 * - `.state()` gives the final state instead of throwing; `allowFailure(…)` lets a task work with what failed.
 *
 * Run it with `node examples/08-subflows-and-states.ts`.
 */

import { allowFailure, completed, failed, flow, task } from 'ostinato';
import { z } from 'zod';

const readSensor = task((room: string) => {
  if (room === 'cellar') throw new Error('no signal from the cellar');
  return 20 + room.length;
});

const describeReading = task((room: string, reading: number | Error) =>
  reading instanceof Error ? `${room}: unknown (${reading.message})` : `${room}: ${reading} °C`,
);

/** Ends as `Skipped` for an empty room, fails on purpose in the attic. */
const measure = flow(
  async ({ room }) => {
    if (room === 'ballroom') return completed({ name: 'Skipped', message: 'nobody is in' });
    if (room === 'attic') return failed({ message: 'the attic is locked' });
    const reading = readSensor(room);
    return await describeReading(room, allowFailure(reading));
  },
  { name: 'Measure', runName: 'measure {room}', parameters: z.object({ room: z.string() }) },
);

export const house = flow(
  async () => {
    const ends: string[] = [];
    for (const room of ['kitchen', 'cellar', 'ballroom', 'attic']) {
      const state = await measure.state({ room });
      ends.push(`${room} → ${state.name}${state.message ? `: ${state.message}` : ''}`);
    }
    return ends;
  },
  { name: 'House' },
);

if (import.meta.main) console.log(await house());
