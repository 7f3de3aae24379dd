/** Entry file of the worker threads and child processes that run task bodies. */

import { serveIsolate } from '../engine/isolation/worker-main.ts';
import { captureCallSite } from '../platform/call-sites.ts';
import { createClock } from '../platform/clock.ts';
import { hashText } from '../platform/hash.ts';
import { createLargeParts } from '../platform/large-parts.ts';
import { createIdSource } from '../platform/ids.ts';
import { connectToParent } from '../platform/parent-channel.ts';
import { systemRandom } from '../platform/random.ts';
import { captureConsole } from './console-capture.ts';

captureConsole();
serveIsolate(connectToParent(), {
  clock: createClock(),
  ids: createIdSource(),
  random: systemRandom,
  hash: hashText,
  largeParts: createLargeParts(),
  callSites: { capture: captureCallSite },
});
