/** The channel of a block, by its type. */

import type { Channel, ChannelBlock, Delivery, OpenChannel } from '../core/notifications/channel.ts';
import { appriseNotification } from './apprise.ts';
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
  'apprise-notification': appriseNotification,
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

/** Types of Prefect whose field `url` may be any address that Apprise reads. */
const BY_APPRISE: ReadonlySet<string> = new Set(['ms-teams-webhook', 'slack-webhook']);

export function openChannels(ports: NotifyPorts): OpenChannel {
  return (block) => Promise.resolve(channelOf(ports, block));
}

function channelOf(ports: NotifyPorts, block: ChannelBlock): Channel {
  const { slug, data } = block;
  const kind = kindOf(block);
  if (kind === null)
    return refusing(
      slug,
      `refused: there is no channel for blocks of the type ${slug}, and no url in the block that Apprise could read`,
    );
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

/** Prefect gives an address to Apprise, which reads many: those that are none of the web are for it. */
function kindOf({ slug, data }: ChannelBlock): ChannelOf | null {
  const kind = Object.hasOwn(CHANNELS, slug) ? CHANNELS[slug] : undefined;
  const url = data['url'];
  const isAddress = typeof url === 'string' && /^[a-z][a-z0-9+.-]*:\/\//i.test(url);
  if (kind === undefined) return isAddress ? appriseNotification : null;
  return isAddress && BY_APPRISE.has(slug) && !/^https?:/i.test(url) ? appriseNotification : kind;
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
