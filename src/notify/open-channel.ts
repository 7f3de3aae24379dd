/** The channel of a block, by its type. */

import type { Channel, ChannelBlock, Delivery, OpenChannel } from '../core/notifications/channel.ts';
import { BlockProblem } from './block-fields.ts';
import { customWebhook } from './custom-webhook.ts';
import { discordWebhook } from './discord.ts';
import type { NotifyPorts } from './exchange.ts';
import { mattermostWebhook } from './mattermost.ts';
import { ntfy } from './ntfy.ts';
import { opsgenieWebhook } from './opsgenie.ts';
import { pagerDutyWebhook } from './pager-duty.ts';
import { sendgridEmail } from './sendgrid.ts';
import { signedWebhook } from './signed-webhook.ts';
import { smtpEmail } from './smtp.ts';
import { slackBot, slackWebhook } from './slack.ts';
import { teamsWebhook } from './teams.ts';
import { telegram } from './telegram.ts';
import { twilioSms } from './twilio.ts';

/** @throws BlockProblem; so may what it makes */
export type ChannelOf = (ports: NotifyPorts, data: ChannelBlock['data']) => Omit<Channel, 'kind'>;

const CHANNELS: Readonly<Record<string, ChannelOf>> = {
  'custom-webhook': customWebhook,
  'discord-webhook': discordWebhook,
  'mattermost-webhook': mattermostWebhook,
  'ms-teams-webhook': teamsWebhook,
  ntfy,
  'opsgenie-webhook': opsgenieWebhook,
  'pager-duty-webhook': pagerDutyWebhook,
  'sendgrid-email': sendgridEmail,
  'signed-webhook': signedWebhook,
  'slack-bot': slackBot,
  // Of Prefect's library for Slack.
  'slack-incoming-webhook': slackWebhook,
  'slack-webhook': slackWebhook,
  'smtp-email': smtpEmail,
  telegram,
  'twilio-sms': twilioSms,
};

export function openChannels(ports: NotifyPorts): OpenChannel {
  return (block) => Promise.resolve(channelOf(ports, block));
}

function channelOf(ports: NotifyPorts, { slug, data }: ChannelBlock): Channel {
  const kind = Object.hasOwn(CHANNELS, slug) ? CHANNELS[slug] : undefined;
  if (kind === undefined) return refusing(slug, `Notifications by blocks of the type ${slug} cannot be sent yet.`);
  try {
    const { send, edit, reply } = kind(ports, data);
    return {
      kind: slug,
      send: (notification, context) => told(() => send(notification, context)),
      ...(edit && { edit: (handle, notification, context) => told(() => edit(handle, notification, context)) }),
      ...(reply && { reply: (handle, notification, context) => told(() => reply(handle, notification, context)) }),
    };
  } catch (error) {
    if (error instanceof BlockProblem) return refusing(slug, error.message);
    throw error;
  }
}

async function told(act: () => Promise<Delivery>): Promise<Delivery> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof BlockProblem) return { outcome: 'refused', receipt: error.message };
    throw error;
  }
}

function refusing(kind: string, receipt: string): Channel {
  return { kind, send: () => Promise.resolve({ outcome: 'refused', receipt }) };
}
