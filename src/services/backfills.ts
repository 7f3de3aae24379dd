/** Lets backfills go on: often while there are some, seldom while there are none. */

import { sleep, type Clock } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';

/** How often the server looks whether there are backfills. */
export const BACKFILLS_PERIOD_SECONDS = 1;
/** While there are, it looks so often whether a run of theirs has ended… */
const LOOK_MS = 200;
/** … within one period. */
const LOOKS = 4;

/** Answers how many are not settled. */
export async function tickBackfills(useCases: Pick<UseCases, 'advanceBackfills'>, clock: Clock): Promise<number> {
  for (let look = 1; ; look += 1) {
    const count = await useCases.advanceBackfills();
    if (count === 0 || look >= LOOKS) return count;
    await sleep(clock, LOOK_MS);
  }
}
