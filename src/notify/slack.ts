/**
 * Slack: by an incoming webhook, or by a bot. Only a bot can change what it said and answer below it. Source: Slack's
 * documentation of incoming webhooks, `chat.postMessage`, `chat.update`; checked against Apprise 2.0.1.
 */

import type { Notification, SendContext } from '../core/notifications/channel.ts';
import { BlockProblem, flagOf, optionalText, textOf } from './block-fields.ts';
import { exchange, memberText, partsOfHandle, type Judge } from './exchange.ts';
import type { ChannelOf } from './open-channel.ts';
import { withLinks } from './wording.ts';

/** Slack cuts longer texts. */
const CHARACTERS_MAX = 40_000;

export const slackWebhook: ChannelOf = (ports, data) => {
  const url = textOf(data, 'url');
  const allowsPrivate = flagOf(data, 'allow_private_urls', true);
  return {
    send: (notification, context) =>
      exchange(ports, context, { url, json: { text: slackText(notification) }, allowsPrivate }, judge),
  };
};

/** `ok: false` comes with the status 200. */
const judge: Judge = ({ status }, json) => {
  if (json?.['ok'] !== false) return {};
  const error = memberText(json, 'error') ?? 'ok: false';
  if (LATER.has(error)) return { isDelayed: true, said: error };
  return status < 400 ? { refused: error } : { refused: error, isDelayed: false };
};

/** What passes, of the errors that Slack names. */
const LATER = new Set(['ratelimited', 'rate_limited', 'internal_error', 'fatal_error', 'service_unavailable']);

interface Posted {
  readonly channel: string;
  readonly ts: string;
}

export const slackBot: ChannelOf = (ports, data) => {
  const api = textOf({ api_url: 'https://slack.com/api', ...data }, 'api_url').replace(/\/+$/, '');
  const channel = textOf(data, 'channel');
  const headers = { authorization: `Bearer ${textOf(data, 'token')}` };
  const call = (method: string, context: SendContext, json: object) =>
    exchange(ports, context, { url: `${api}/${method}`, headers, json }, judgeBot);
  const say = (notification: Notification): object => ({
    text: slackText(notification),
    ...(optionalText(data, 'username') === null ? {} : { username: data['username'] }),
  });
  return {
    send: (notification, context) => call('chat.postMessage', context, { channel, ...say(notification) }),
    edit: async (handle, notification, context) =>
      await call('chat.update', context, { ...postedIn(handle), text: slackText(notification) }),
    reply: async (handle, notification, context) => {
      const { channel: where, ts } = postedIn(handle);
      return await call('chat.postMessage', context, { channel: where, thread_ts: ts, ...say(notification) });
    },
  };
};

const judgeBot: Judge = (answer, json) => {
  const { channel, ts } = json ?? {};
  if (answer.status < 300 && json?.['ok'] !== true && json?.['ok'] !== false)
    return { refused: 'the answer is not one of Slack' };
  const handle = typeof channel === 'string' && typeof ts === 'string' ? JSON.stringify({ channel, ts }) : null;
  return { ...judge(answer, json), handle };
};

function postedIn(handle: string): Posted {
  const { channel, ts } = partsOfHandle(handle);
  if (typeof channel !== 'string' || typeof ts !== 'string')
    throw new BlockProblem('The handle is not one of this channel.');
  return { channel, ts };
}

/** The subject is set off, as Slack writes it. */
function slackText(notification: Notification): string {
  const { subject, body, links } = notification;
  return withLinks(subject === '' ? body : `*${subject}*\n${body}`, links, CHARACTERS_MAX);
}
