import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Instant } from '../core/time.ts';
import { describeThisProcess, livenessOf, type ProcessFacts } from './process-liveness.ts';

const seconds = (value: number): Instant => (value * 1_000_000) as Instant;

function facts(change: Partial<ProcessFacts> = {}): ProcessFacts {
  return { host: 'here', scope: 'boot.1', startOf: () => ({ ticks: '77', state: 'S' }), exists: () => true, ...change };
}
const record = { pid: 5, host: 'here', startMark: 'boot.1.77' as string | null, heartbeatAt: seconds(100) };

test('on the same host the kernel decides, whatever the last beat says', () => {
  assert.equal(livenessOf(record, seconds(10_000), facts()).alive, true);
  assert.match(livenessOf(record, seconds(100), facts({ startOf: () => null })).evidence, /No process has the id 5/);
  assert.match(
    livenessOf(record, seconds(100), facts({ startOf: () => ({ ticks: '99', state: 'S' }) })).evidence,
    /another process now/,
  );
  assert.equal(livenessOf(record, seconds(100), facts({ startOf: () => ({ ticks: '77', state: 'Z' }) })).alive, false);
});

test('where the kernel cannot be asked the lease decides', () => {
  const cases: [typeof record, ProcessFacts][] = [
    [{ ...record, host: 'elsewhere' }, facts()],
    [{ ...record, startMark: 'other.1.77' }, facts()],
    [{ ...record, startMark: 'boot.2.77' }, facts({ startOf: () => null })],
    [{ ...record, startMark: null }, facts()],
    [record, facts({ scope: null })],
  ];
  for (const [row, about] of cases) {
    assert.equal(livenessOf(row, seconds(114), about).alive, true);
    const late = livenessOf(row, seconds(116), about);
    assert.equal(late.alive, false);
    assert.match(late.evidence, /last beat was 16 s ago \(a lease lasts 15 s\)/);
  }
  assert.equal(livenessOf({ ...record, startMark: null }, seconds(100), facts({ exists: () => false })).alive, false);
});

test('this process is alive; a killed child is not, at once', async () => {
  const now = seconds(0);
  const self = describeThisProcess();
  assert.equal(livenessOf({ ...self, heartbeatAt: now }, now).alive, true);
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const mark = { pid: child.pid ?? 0, host: self.host, startMark: null, heartbeatAt: now };
  assert.equal(livenessOf(mark, now).alive, true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(livenessOf(mark, now).alive, false);
});
