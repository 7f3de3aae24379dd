/** The program of worker threads and child processes that run task bodies. */

import { serveIsolate } from '../engine/isolation/worker-main.ts';
import { createClock } from '../platform/clock.ts';
import { connectToParent } from '../platform/parent-channel.ts';

serveIsolate(connectToParent(), createClock());
