/** A flow with little time that stays, or with STAYS=no does not. Start: `WITNESS=… node flow-deadline-program.ts`. */
import { appendFileSync } from 'node:fs';

import { flow } from '../../src/index.ts';

const stays = flow(
  async () => {
    appendFileSync(process.env['WITNESS'] ?? '', `${Date.now()}\n`);
    if (process.env['STAYS'] !== 'no') await new Promise((resolve) => setTimeout(resolve, 600_000));
    return 'ended in its time';
  },
  { name: 'stays', timeoutSeconds: 3 },
);

if (import.meta.main) await stays();
