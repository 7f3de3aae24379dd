/** Worker threads and child processes of a test's process: none outlives it, and virtual time waits for them. */

import type { Isolate, IsolateHost } from '../core/isolate.ts';
import type { TestClock } from './test-clock.ts';

export function watchedIsolates(
  host: IsolateHost,
  clock: TestClock,
): { readonly host: IsolateHost; readonly endAll: () => Promise<void> } {
  const all = new Set<Isolate>();
  const spawn: IsolateHost['spawn'] = (kind) => {
    const inner = host.spawn(kind);
    // One that keeps the program alive is at work: see the port.
    let release = clock.hold();
    const isolate: Isolate = {
      ...inner,
      ref: () => {
        release();
        release = clock.hold();
        inner.ref();
      },
      unref: () => {
        release();
        inner.unref();
      },
    };
    all.add(isolate);
    inner.onExit(() => {
      release();
      all.delete(isolate);
    });
    return isolate;
  };
  return {
    host: { parallelism: host.parallelism, spawn },
    endAll: async () => void (await Promise.all([...all].map((isolate) => isolate.terminate()))),
  };
}
