/** A flow of ours that serves itself: its first attempt fails. */
import { flow } from '../../../src/index.ts';

let attempts = 0;
const unsteady = flow(
  ({ word }: { word: string }) => {
    attempts += 1;
    console.log(`begins with ${word}`);
    if (attempts === 1) throw new TypeError('not yet');
    return word;
  },
  { name: 'unsteady', retries: 1, tags: ['nightly'] },
);

await unsteady.serve({
  name: 'served',
  tags: ['served'],
  schedule: { cron: '0 3 * * *', timezone: 'Europe/Berlin' },
  pollSeconds: 0.3,
});
