/**
 * `/task_runs/subscriptions/scheduled`: a task worker names its tasks and gets runs of them, one at a time. A run that
 * it does not acknowledge goes to the next worker.
 */

import type { WebSocket } from 'ws';

import { encodeTaskRun } from '../../contract/encode/task-run.ts';
import { wireText } from '../../contract/wire-json.ts';
import type { TaskRun } from '../../core/task-run.ts';
import type { Clock } from '../../core/time.ts';
import { closeSocket, SUBSCRIPTION_VIOLATION, type Frames, type Message } from './frames.ts';
import type { Channel } from './socket-server.ts';

export interface TaskQueue {
  next(taskKeys: readonly string[], signal: AbortSignal): Promise<TaskRun | null>;
  handBack(run: TaskRun): void;
  enter(identifier: string, taskKeys: readonly string[]): { readonly leave: () => void; readonly touch: () => void };
}

export function scheduledTasks(queue: TaskQueue, clock: Pick<Clock, 'now'>): Channel {
  return {
    path: '/task_runs/subscriptions/scheduled',
    run: (socket, frames) => serveWorker(socket, frames, queue, clock),
  };
}

async function serveWorker(
  socket: WebSocket,
  frames: Frames,
  queue: TaskQueue,
  clock: Pick<Clock, 'now'>,
): Promise<void> {
  const message = await frames.nextJson();
  if (message === null) return;
  const subscription = subscriptionOf(message);
  if (typeof subscription === 'string')
    return closeSocket(socket, SUBSCRIPTION_VIOLATION, `Protocol violation: ${subscription}`);
  const { taskKeys, identifier } = subscription;
  const gone = new AbortController();
  const worker = queue.enter(identifier, taskKeys);
  socket.on('pong', worker.touch);
  socket.on('close', () => {
    worker.leave();
    gone.abort();
  });
  while (socket.readyState === socket.OPEN) {
    const run = await queue.next(taskKeys, gone.signal);
    if (run === null) return;
    if (!(await deliver(socket, frames, run, clock))) return queue.handBack(run);
    worker.touch();
  }
}

/** Whether the worker acknowledged the run. */
async function deliver(socket: WebSocket, frames: Frames, run: TaskRun, clock: Pick<Clock, 'now'>): Promise<boolean> {
  if (socket.readyState !== socket.OPEN) return false;
  socket.send(wireText(encodeTaskRun(run, clock.now())));
  const answer = await frames.nextJson();
  if (answer === null) return false;
  if (answer['type'] === 'ack') return true;
  if (answer['type'] === 'quit') {
    // It wants no more after this one.
    closeSocket(socket, 1000, '');
    return true;
  }
  closeSocket(socket, SUBSCRIPTION_VIOLATION, "Protocol violation: expected 'ack' message");
  return false;
}

function subscriptionOf(
  message: Message,
): { readonly taskKeys: readonly string[]; readonly identifier: string } | string {
  if (message['type'] !== 'subscribe') return "expected 'subscribe' message";
  const { keys, client_id: identifier } = message;
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every((key) => typeof key === 'string'))
    return "expected 'keys' in subscribe message";
  if (typeof identifier !== 'string' || identifier === '') return "expected 'client_id' in subscribe message";
  return { taskKeys: keys, identifier };
}
