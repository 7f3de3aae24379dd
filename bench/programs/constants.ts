/**
 * `constants.ts NUMBERS ITEMS CALLS`: a constant of so many numbers in a fan-out and in calls one after the other;
 * microseconds, as JSON.
 */
import { flow, task } from 'ostinato';

const WARM_UP = 200;

const pick = task((index: number, numbers: readonly number[]) => numbers[index], { name: 'pick' });
const [size = 0, items = 0, calls = 0] = process.argv.slice(2).map(Number);
/** A list of its own each time: nothing of it was looked at before. */
const numbers = (): number[] => Array.from({ length: size }, (_, index) => index * 1.5);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) * 1000;
}

const constants = flow(
  async () => {
    for (let index = 0; index < WARM_UP; index += 1) await pick(index, [index]);
    const fanOut = (count: number): Promise<number> =>
      timed(() => pick.map(Array(count).keys(), { with: [numbers()] }));
    await fanOut(1);
    const [microsecondsOneItem, microsecondsAllItems] = [await fanOut(1), await fanOut(items)];
    const shared = numbers();
    const microsecondsCalls = await timed(async () => {
      for (let index = 0; index < calls; index += 1) await pick(index, shared);
    });
    return { microsecondsOneItem, microsecondsAllItems, microsecondsCalls };
  },
  { name: 'Constants' },
);

console.log(JSON.stringify(await constants()));
