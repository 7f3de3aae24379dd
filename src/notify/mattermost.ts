/** Mattermost, by an incoming webhook. Source: Mattermost's documentation; the message as Apprise 2.0.1 writes it. */

import { flagOf, numberOf, optionalText, textOf, textsOf } from './block-fields.ts';
import { exchange, memberText, type Judge } from './exchange.ts';
import type { ChannelOf } from './open-channel.ts';
import { each } from './recipients.ts';
import { wholeText } from './wording.ts';

const CHARACTERS_MAX = 16_383;

export const mattermostWebhook: ChannelOf = (ports, data) => {
  const scheme = flagOf(data, 'secure', false) ? 'https' : 'http';
  const port = numberOf(data, 'port', 8065, [1, 65_535]);
  const path = (optionalText(data, 'path') ?? '').replaceAll(/^\/+|\/+$/g, '');
  const token = encodeURIComponent(textOf(data, 'token'));
  const url = `${scheme}://${textOf(data, 'hostname')}:${port}${path === '' ? '' : `/${path}`}/hooks/${token}`;
  const username = optionalText(data, 'botname');
  const channels = textsOf(data, 'channels');
  return {
    send: (notification, context) =>
      each(ports, channels.length === 0 ? [null] : channels, (channel) => {
        const json = {
          text: wholeText(notification, CHARACTERS_MAX),
          ...(username === null ? {} : { username }),
          ...(channel === null ? {} : { channel: channel.replace(/^#/, '') }),
        };
        return exchange(ports, context, { url, json }, judge);
      }),
  };
};

const judge: Judge = ({ status }, json) => (status < 300 ? {} : { refused: memberText(json, 'message') });
