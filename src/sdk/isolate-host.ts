/** Starts the threads and processes for task bodies, with their entry file. */

import type { IsolateHost } from '../core/isolate.ts';
import { createIsolateHost } from '../platform/isolates.ts';

export function isolateHost(): IsolateHost {
  return createIsolateHost(new URL('./isolate-entry.ts', import.meta.url));
}
