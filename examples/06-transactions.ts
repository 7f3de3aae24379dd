/**
 * # 6 · Transactions
 *
 * Tasks inside `transaction(…)` count together or not at all: when the body throws, the `onRollback` hooks of the tasks that
 * had finished run in reverse order. Here a file was written before the check that refuses it; the hook takes it away.
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
    onRollback: async (around) => {
      await rm(String(around.get('path')));
      console.log('took the report away');
    },
    onCommit: (around) => console.log(`published ${String(around.get('path'))}`),
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
  { name: 'Publish report', parameters: z.object({ folder: z.string().default(join('output', 'report')), lines: z.array(z.string()) }) },
);

if (import.meta.main) {
  console.log('short:', await publishReport({ lines: ['Sales went up.'] }));
  console.log('long:', await publishReport({ lines: ['Sales went up.', 'Costs went down.'] }));
}
