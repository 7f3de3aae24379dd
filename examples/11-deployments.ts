/**
 * # 11 · Deployments
 *
 * A deployment says with what, when and where a flow runs by itself. Start a server, and tell everybody where it is:
 *
 * ```
 * npx ostinato server start --background
 * export OSTINATO_API_URL=http://127.0.0.1:4200/api
 * ```
 *
 * One way is a file that is looked over and applied, and an agent that takes what is due, each run in a process of its
 * own. Here for the flow of the first example:
 *
 * ```
 * npx ostinato deployment build --name demo-deployment-sales examples/01-sales.ts:salesPipeline
 * npx ostinato deployment apply main_flow_sales-deployment.yaml
 * npx ostinato agent start -q default
 * npx ostinato deployment run main_flow_sales/demo-deployment-sales --watch
 * ```
 *
 * The other way is a program that serves its own flow, as this one does. Run it with `node examples/11-deployments.ts`,
 * and ask for a run from another terminal: `npx ostinato deployment run stock/hourly -p shelf=cellos --watch`.
 *
 * What to look at:
 * - `schedule` may be a cron expression, an interval or a recurrence rule, in any time zone; Ctrl-C pauses it.
 * - `parameters` are checked when the deployment is registered, and again when a run begins.
 * - `python/` has the same in Python, with the unmodified clients of Prefect 2 and 3 on this server.
 */

import { flow, task } from 'ostinato';
import { z } from 'zod';

const SHELVES: Readonly<Record<string, number>> = { violins: 12, cellos: 3, metronomes: 40 };

const count = task((shelf: string) => SHELVES[shelf] ?? 0);
const order = task((shelf: string, pieces: number) => `${pieces} more ${shelf} are ordered`);

export const stock = flow(
  async ({ shelf, wanted }) => {
    const missing = wanted - (await count(shelf));
    return missing > 0 ? await order(shelf, missing) : `there are enough ${shelf}`;
  },
  { name: 'stock', parameters: z.object({ shelf: z.string().default('violins'), wanted: z.int().min(0).default(20) }) },
);

if (import.meta.main)
  await stock.serve({
    name: 'hourly',
    schedule: { cron: '0 * * * *', timezone: 'Europe/Berlin' },
    parameters: { wanted: 10 },
    tags: ['shop'],
    limit: 2,
  });
