import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { WarmPython } from './warm-python.ts';

const onLinux = process.platform === 'linux' ? false : 'processes stand ready for Python on Linux alone';

test(
  'an interpreter that cannot stand ready is told of once, and not started with every run',
  { skip: onLinux },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'ostinato-warm-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const interpreter = (name: string): string => {
      const path = join(folder, name);
      writeFileSync(path, `#!/bin/sh\necho started >> ${path}.log\necho no client here >&2\nexit 3\n`);
      chmodSync(path, 0o755);
      return path;
    };
    const told: string[] = [];
    let hear: () => void = () => {};
    const warm = new WarmPython(true, {
      ready: () => assert.fail('it cannot'),
      failed(python, why) {
        told.push(`${python} ${why}`);
        hear();
      },
    });
    t.after(() => warm.end());
    const run = async (python: string): Promise<void> => {
      const order = { module: 'm', folder, environment: {} };
      assert.equal(await warm.begin({ python, order, onLine: () => {} }), null);
    };
    const [first, second] = [interpreter('first'), interpreter('second')];
    for (const python of [first, second]) {
      const heard = new Promise<void>((resolve) => (hear = resolve));
      await run(python);
      await heard;
      await run(first);
    }
    assert.equal(told.length, 2);
    assert.match(told[0] ?? '', /first Its process ended with exit code 3\. It wrote at last:\nno client here/);
    assert.equal(readFileSync(`${first}.log`, 'utf8'), 'started\n');
  },
);
