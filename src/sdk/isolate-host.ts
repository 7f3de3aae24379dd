/** Threads and processes for task bodies, with the program that runs in them; works from source and from the built form. */

import type { IsolateHost } from '../core/isolate.ts';
import { createIsolateHost } from '../platform/isolates.ts';

export function isolateHost(): IsolateHost {
  const built = import.meta.url.endsWith('.js');
  return createIsolateHost(new URL(built ? './isolate-entry.js' : './isolate-entry.ts', import.meta.url));
}
