/**
 * Discord, by a webhook: what was said can be changed. Source: Discord's documentation of webhooks; the message as
 * Apprise 2.0.1 writes it.
 */

import type { Notification } from '../core/notifications/channel.ts';
import { flagOf, optionalText, textOf } from './block-fields.ts';
import { exchange, memberSeconds, memberText, serviceAddress, type Judge } from './exchange.ts';
import type { ChannelOf } from './open-channel.ts';
import { wholeText } from './wording.ts';

const CHARACTERS_MAX = 2000;

export const discordWebhook: ChannelOf = (ports, data) => {
  const parts = [textOf(data, 'webhook_id'), textOf(data, 'webhook_token')].map(encodeURIComponent);
  const hook = `${serviceAddress(ports, 'discord-webhook', 'https://discord.com')}/api/webhooks/${parts.join('/')}`;
  const avatar = optionalText(data, 'avatar_url');
  const look = {
    ...(flagOf(data, 'tts', false) ? { tts: true } : {}),
    ...(optionalText(data, 'botname') === null ? {} : { username: data['botname'] }),
    ...(avatar === null ? {} : { avatar_url: avatar }),
  };
  const content = (notification: Notification): string => wholeText(notification, CHARACTERS_MAX);
  return {
    // Without `wait` Discord answers before it knows whether it can.
    send: (notification, context) =>
      exchange(ports, context, { url: `${hook}?wait=true`, json: { content: content(notification), ...look } }, judge),
    edit: (handle, notification, context) => {
      const url = `${hook}/messages/${encodeURIComponent(handle)}`;
      return exchange(ports, context, { method: 'PATCH', url, json: { content: content(notification) } }, judge);
    },
  };
};

const judge: Judge = ({ status }, json) => {
  if (status < 300) return { handle: memberText(json, 'id') ?? null };
  const message = memberText(json, 'message');
  if (status === 429) return { said: message, afterSeconds: memberSeconds(json?.['retry_after']) };
  return { refused: message };
};
