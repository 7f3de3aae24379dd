/**
 * # 6 · Transactions
 *
 * Tasks inside `transaction(…)` count together or not at all: when the body throws, the `onRollback` hooks of the tasks
 * that had finished run in reverse order. Here a file was written before the check that refuses it; the hook takes it
 * away. A hook is given its own task's `result` and `inputs`, and what the task kept with `set`; each runs to its end
 * once, also when the process is killed in between and the run is continued in another. A hook that was cut off in the
 * middle runs again: make it idempotent.
 *
 * Run it with `node examples/06-transactions.ts`.
 */

import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { currentTransaction, flow, task, transaction } from 'ostinato';
import { z } from 'zod';

const writeReport = task(
  async (path: string, lines: string[]) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, lines.join('\n'));
    currentTransaction()?.set('path', path); // for the hooks
    return path;
  },
  {
    onRollback: async ({ get }) => {
      await rm(String(get('path')), { force: true });
      console.log('took the report away');
    },
    onCommit: ({ result }) => console.log(`published ${result}`),
  },
);

const checkReport = task((lines: string[]) => {
  if (lines.length < 2) throw new Error(`a report of ${lines.length} line is too short`);
});

export const publishReport = flow(
  async ({ folder, lines }) => {
    const path = join(folder, 'report.txt');
    const attempt = transaction(
      async () => {
        await writeReport(path, lines);
        await checkReport(lines);
      },
      { name: 'publish' },
    );
    await attempt.catch((error: Error) => console.log(`not published: ${error.message}`));
    return existsSync(path);
  },
  {
    name: 'Publish report',
    parameters: z.object({ folder: z.string().default(join('output', 'report')), lines: z.array(z.string()) }),
  },
);

if (import.meta.main) {
  console.log('short:', await publishReport({ lines: ['Sales went up.'] }));
  console.log('long:', await publishReport({ lines: ['Sales went up.', 'Costs went down.'] }));
}
