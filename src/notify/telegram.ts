/** Telegram, by a bot: what it said can be changed and answered. Source: Telegram's Bot API. */

import type { Notification, SendContext } from '../core/notifications/channel.ts';
import { BlockProblem, flagOf, textOf } from './block-fields.ts';
import { exchange, memberSeconds, memberText, partsOfHandle, type Judge } from './exchange.ts';
import type { ChannelOf } from './open-channel.ts';
import { wholeText } from './wording.ts';

const CHARACTERS_MAX = 4096;

interface Posted {
  readonly chat_id: string | number;
  readonly message_id: number;
}

export const telegram: ChannelOf = (ports, data) => {
  const api = textOf({ api_url: 'https://api.telegram.org', ...data }, 'api_url').replace(/\/+$/, '');
  const token = encodeURIComponent(textOf(data, 'bot_token')).replaceAll('%3A', ':');
  const chat = textOf(data, 'chat_id');
  const silent = flagOf(data, 'disable_notification', false) ? { disable_notification: true } : {};
  const call = (method: string, context: SendContext, json: object) =>
    exchange(ports, context, { url: `${api}/bot${token}/${method}`, json }, judge);
  const text = (notification: Notification): string => wholeText(notification, CHARACTERS_MAX);
  return {
    send: (notification, context) =>
      call('sendMessage', context, { chat_id: chat, text: text(notification), ...silent }),
    edit: async (handle, notification, context) => {
      const ended = await call('editMessageText', context, { ...postedIn(handle), text: text(notification) });
      // It says so where the message has this text already.
      return ended.outcome === 'refused' && ended.receipt.includes('message is not modified')
        ? { ...ended, outcome: 'accepted', receipt: 'accepted: it says this already', handle }
        : ended;
    },
    reply: async (handle, notification, context) => {
      const { chat_id, message_id } = postedIn(handle);
      const reply_parameters = { message_id, allow_sending_without_reply: true };
      return await call('sendMessage', context, { chat_id, text: text(notification), reply_parameters, ...silent });
    },
  };
};

const judge: Judge = ({ status }, json) => {
  if (json?.['ok'] === true) return { handle: handleIn(json['result']) };
  if (json?.['ok'] !== false) return status < 300 ? { refused: 'the answer is not one of Telegram' } : {};
  const refused = memberText(json, 'description') ?? 'ok: false';
  const parameters = json['parameters'] as Readonly<Record<string, unknown>> | null | undefined;
  const afterSeconds = memberSeconds(parameters?.['retry_after']);
  const code = json['error_code'];
  const passes = afterSeconds !== null || code === 429 || (typeof code === 'number' && code >= 500);
  return passes ? { isDelayed: true, said: refused, afterSeconds } : { refused };
};

function handleIn(result: unknown): string | null {
  const message = result as { readonly message_id?: unknown; readonly chat?: { readonly id?: unknown } } | null;
  const [chat_id, message_id] = [message?.chat?.id, message?.message_id];
  const isKnown = (typeof chat_id === 'number' || typeof chat_id === 'string') && typeof message_id === 'number';
  return isKnown ? JSON.stringify({ chat_id, message_id }) : null;
}

function postedIn(handle: string): Posted {
  const { chat_id, message_id } = partsOfHandle(handle);
  if ((typeof chat_id !== 'string' && typeof chat_id !== 'number') || typeof message_id !== 'number')
    throw new BlockProblem('The handle is not one of this channel.');
  return { chat_id, message_id };
}
