/**
 * Sends one of the worst bodies each time it is told a number, and tells the status. A process of its own: to make them
 * takes a while too.
 */

import { WORST_BODIES } from '../worst-bodies.ts';

const apiUrl = process.argv[2] as string;
process.once('disconnect', () => process.exit());
process.on('message', (index: number) => {
  const { path, text } = WORST_BODIES[index] as (typeof WORST_BODIES)[number];
  const body = text();
  process.send?.('made');
  void fetch(apiUrl + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    .then(
      (answer) => answer.text().then(() => answer.status),
      () => 0,
    )
    .then((status) => process.send?.({ status }));
});
