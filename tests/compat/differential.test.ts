/**
 * The same requests for Prefect's server and for ours: what they answer differs where the table says so, and nowhere
 * else.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { preparePython } from '../../scripts/python-environment.ts';
import { REFERENCE } from './clients.ts';
import { explore } from './differential/explore.ts';
import { inFolder } from './script.ts';
import { startOstinato, startPrefect, withServer } from './servers.ts';

/** An empty database of Prefect's server, which takes long to make; Git ignores the folder. */
const TEMPLATE = join(import.meta.dirname, '.venv', 'prefect-3.9.1.db');
/** What they find was looked at: other seeds are for a longer look by hand (`differential/main.ts`). */
const SEEDS = [1, 2, 3];
const REQUESTS_OF_EACH = 100;

await preparePython(REFERENCE, console.log);

test("requests of all kinds are answered as by Prefect's server, but for the differences that are decided", () =>
  inFolder((folder) =>
    withServer(startPrefect(folder, TEMPLATE), (theirs) =>
      withServer(startOstinato(folder), async (ours) => {
        const found = await explore({
          theirs: theirs.apiUrl,
          ours: ours.apiUrl,
          seeds: SEEDS,
          requests: REQUESTS_OF_EACH,
        });
        assert.deepEqual(
          found.unknown,
          [],
          `${found.unknown.length} differences that the table does not have:\n\n${found.unknown.join('\n\n')}`,
        );
        assert.deepEqual(
          found.unseen.map(({ why }) => why),
          [],
          'lines of the table that nothing shows any more',
        );
        const accepted = [...found.statuses].reduce((sum, [status, count]) => sum + (status < 300 ? count : 0), 0);
        assert.ok(
          accepted > found.requests / 4,
          `only ${accepted} of ${found.requests} requests were ones that a server does anything for`,
        );
      }),
    ),
  ));
