/**
 * Asks one server after its health, one request after the other, and tells on demand how long the longest took. A
 * process of its own.
 */

import { connect } from '../load.ts';

const PAUSE_MS = 2;

const client = connect(process.argv[2] as string, 1);
let worst = 0;
let sentAt: number | null = null;
process.on('message', () => {
  // One that is still under way counts as far as it has come.
  const microseconds = Math.max(worst, sentAt === null ? 0 : (performance.now() - sentAt) * 1000);
  worst = 0;
  process.send?.({ microseconds });
});
process.once('disconnect', () => process.exit());
for (;;) {
  sentAt = performance.now();
  const { status } = await client.send('GET', '/health');
  if (status !== 200) throw new Error(`health answered ${status}`);
  worst = Math.max(worst, (performance.now() - sentAt) * 1000);
  sentAt = null;
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
