/** Who carries what the server says to addresses and people, within what is set. */

import type { OpenChannel } from '../core/notifications/channel.ts';
import type { Clock } from '../core/time.ts';
import { limitedTo, reachOnly, targetPatterns } from '../core/web/targets.ts';
import type { ActionPorts } from '../orchestrator/automation-actions/ports.ts';
import { sendRequest } from '../platform/send-request.ts';

export type Messengers = Pick<ActionPorts, 'sendRequest' | 'openChannel'>;

export interface MessengerOptions {
  readonly clock: Clock;
  /** As `server.notification_targets`. Default: all. */
  readonly notificationTargets?: readonly string[] | null;
  /** As `server.notification_gateways`. Default: none. */
  readonly notificationGateways?: readonly string[] | null;
  /** As `server.notification_python`. Default `python3`. */
  readonly notificationPython?: string;
}

export function messengersOf({
  clock,
  notificationTargets,
  notificationGateways,
  notificationPython = 'python3',
}: MessengerOptions): Messengers {
  const targets = targetPatterns(notificationTargets ?? null);
  const mayReach = reachOnly(targets);
  const send = limitedTo(mayReach, sendRequest);
  return {
    sendRequest: send,
    // With the first notification: many a server never sends one.
    openChannel: lazily(async () => {
      const { openChannels } = await import('../notify/open-channel.ts');
      const gateways = gatewaysOf(notificationGateways ?? []);
      return openChannels({
        sendRequest: send,
        now: () => clock.now(),
        gateways,
        mayReach,
        targets,
        python: notificationPython,
      });
    }),
  };
}

function lazily(load: () => Promise<OpenChannel>): OpenChannel {
  let loaded: Promise<OpenChannel> | null = null;
  return async (block) => await (await (loaded ??= load()))(block);
}

/** The last of several for one type of block counts. */
function gatewaysOf(pairs: readonly string[]): ReadonlyMap<string, string> {
  const split = (pair: string): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1).replace(/\/+$/, '')];
  };
  return new Map(pairs.map(split));
}
