/** The timeout of a flow over processes: what is left of it, nothing of it, all of it again. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { liveAs } from './kill-child.ts';
import { makePlace, ROOT, type Ended } from './launch.ts';

const { home, project, ostinato } = makePlace();
const witness = join(project, 'witness');
const starts = (): readonly number[] =>
  existsSync(witness) ? readFileSync(witness, 'utf8').split('\n').slice(0, -1).map(Number) : [];

test('a run whose process was killed ends in its time, at once when that is over; retried after that it has all of it', async () => {
  const env = { WITNESS: witness };
  const { wasKilled, stderr } = await liveAs(
    [join(ROOT, 'tests', 'journeys', 'flow-deadline-program.ts')],
    home,
    env,
    () => starts().length > 0,
  );
  assert.ok(wasKilled, stderr);
  const { stdout } = await ostinato(['flow-run', 'ls', '-o', 'json']);
  const id = (JSON.parse(stdout) as { readonly id: string }[])[0]?.id ?? '';
  const retry = (stays: string): Promise<Ended> =>
    ostinato(['flow-run', 'retry', id], { env: { ...env, STAYS: stays } });
  while (Date.now() < (starts()[0] ?? 0) + 3_000) await sleep(20);
  const late = await retry('yes');
  assert.notEqual(late.exitCode, 0);
  assert.match(late.stdout + late.stderr, /the time was over when the run was continued/);
  assert.equal(starts().length, 1, 'its body did not run');
  const fresh = await retry('no');
  assert.equal(fresh.exitCode, 0, fresh.stdout + fresh.stderr);
  assert.equal(starts().length, 2);
});
