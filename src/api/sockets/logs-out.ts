/**
 * `/logs/out`: the client says what it wants and gets what is logged from then on; one that was away gives the position
 * of the last frame that it has, and gets what it missed first (see `events-out.ts`).
 */

import type { WebSocket } from 'ws';

import { check } from '../../contract/checker.ts';
import { encodeLog } from '../../contract/encode/log.ts';
import { logFilter } from '../../contract/filter/records.ts';
import { writePosition } from '../../contract/feed-position.ts';
import { wireText } from '../../contract/wire-json.ts';
import { holds } from '../../core/condition-match.ts';
import type { LogRecord } from '../../core/log.ts';
import { invalidFilter } from './event-intake.ts';
import { dropSocket, isWritable, resumption, textOnce, type Feed, type Subscriber } from './feed.ts';
import { closeSocket, PROTOCOL_ERROR, type Frames } from './frames.ts';
import type { Channel } from './socket-server.ts';

type SequencedLog = LogRecord & { readonly seq: number };

export function logsOut(feed: Feed<SequencedLog>): Channel {
  // Prefect's stream does not know yet when the row was made.
  const textOf = textOnce(
    (log: SequencedLog) =>
      `{"type":"log","log":${wireText({ ...encodeLog(log), created: null, updated: null })},"position":"${writePosition(log)}"}`,
  );
  return { path: '/logs/out', run: (socket, frames) => stream(socket, frames, feed, textOf) };
}

async function stream(
  socket: WebSocket,
  frames: Frames,
  feed: Feed<SequencedLog>,
  textOf: (log: SequencedLog) => string,
): Promise<void> {
  const message = await frames.nextJson();
  if (message === null) return;
  if (message['type'] !== 'filter') return closeSocket(socket, PROTOCOL_ERROR, "Expected 'filter' message");
  const checked = check(logFilter.schema, message['filter'], 'body');
  if (!checked.ok) return closeSocket(socket, PROTOCOL_ERROR, invalidFilter(checked.problems));
  const condition = logFilter.condition(checked.value as Parameters<typeof logFilter.condition>[0]);
  const { after, tell } = resumption(socket, message);
  let isLive = false;
  const subscriber: Subscriber<SequencedLog> = {
    key: JSON.stringify(condition),
    wants: (log) => holds(condition, { ...log, text: `${log.message} ${log.name}` }),
    isReady: () => isLive && isWritable(socket),
    take: (logs) => logs.forEach((log) => socket.send(textOf(log))),
    drop: (reason) => dropSocket(socket, reason),
  };
  const { isResumed, leave } = await feed.subscribe(subscriber, after);
  socket.on('close', leave);
  if (socket.readyState !== socket.OPEN) return leave();
  tell(isResumed);
  isLive = true;
  feed.wake();
  while ((await frames.next()) !== null);
}
