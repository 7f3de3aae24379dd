/**
 * The block types that can notify. Those of Prefect have the fields that its client gives them; the others are ours:
 * a program makes them over the API, or somebody in a form.
 */

import type { Property, SystemBlockType } from './system-types.ts';

const text = (title: string, more: Partial<Property> = {}): Property => ({ type: 'string', title, ...more });
const secret = (title: string, description?: string): Property => ({
  type: 'string',
  title,
  isSecret: true,
  ...(description === undefined ? {} : { description }),
});
const texts = (title: string): Property => ({ type: 'array', title, items: { type: 'string' } });
const flag = (title: string, by: boolean): Property => ({ type: 'boolean', title, default: by });

const webhookOf = (service: string): Property =>
  secret('Webhook URL', `The address that ${service} gives for incoming messages.`);
const NOTIFY_TYPE = text('Kind', { default: 'info', values: ['info', 'success', 'warning', 'failure'] });
const REGION = text('Region', { default: 'us', values: ['us', 'eu'] });
const PRIVATE = flag('Allow private addresses', true);

interface Kind {
  readonly name: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, Property>>;
  readonly required: readonly string[];
}

const PREFECT: Readonly<Record<string, Kind>> = {
  'slack-webhook': {
    name: 'Slack Webhook',
    description: 'Messages to a Slack channel.',
    properties: { notify_type: NOTIFY_TYPE, url: webhookOf('Slack'), allow_private_urls: PRIVATE },
    required: ['url'],
  },
  'ms-teams-webhook': {
    name: 'Microsoft Teams Webhook',
    description: 'Messages to a channel of Microsoft Teams.',
    properties: {
      notify_type: NOTIFY_TYPE,
      url: webhookOf('Teams'),
      allow_private_urls: PRIVATE,
      include_image: flag('Show an image', true),
      wrap: flag('Wrap the text', true),
    },
    required: ['url'],
  },
  'discord-webhook': {
    name: 'Discord Webhook',
    description: 'Messages to a channel of Discord.',
    properties: {
      notify_type: NOTIFY_TYPE,
      webhook_id: secret('Id of the webhook', 'The first of the two last parts of its address.'),
      webhook_token: secret('Token of the webhook', 'The second of the two last parts of its address.'),
      botname: text('Name of the bot'),
      tts: flag('Read aloud', false),
      include_image: flag('Show an image', false),
      avatar: flag('Show an avatar', false),
      avatar_url: text('Address of the avatar'),
    },
    required: ['webhook_id', 'webhook_token'],
  },
  'pager-duty-webhook': {
    name: 'Pager Duty Webhook',
    description: 'Incidents of PagerDuty.',
    properties: {
      notify_type: NOTIFY_TYPE,
      integration_key: secret('Integration key', 'Of an integration of the Events API v2; also called routing key.'),
      api_key: secret('API key'),
      source: text('Source', { default: 'Prefect' }),
      component: text('Component', { default: 'Notification' }),
      group: text('Group'),
      class_id: text('Class'),
      region_name: REGION,
      clickable_url: text('Address to open'),
      include_image: flag('Show an image', true),
      custom_details: { type: 'object', title: 'Further details' },
    },
    required: ['integration_key', 'api_key'],
  },
  'opsgenie-webhook': {
    name: 'Opsgenie Webhook',
    description: 'Alerts of Opsgenie.',
    properties: {
      notify_type: NOTIFY_TYPE,
      apikey: secret('API key'),
      target_user: texts('Users'),
      target_team: texts('Teams'),
      target_schedule: texts('Schedules'),
      target_escalation: texts('Escalations'),
      region_name: REGION,
      batch: flag('All in one', false),
      tags: texts('Tags'),
      priority: { type: 'number', title: 'Priority', description: 'From 1, the highest, to 5.', default: 3 },
      alias: text('Alias'),
      entity: text('Entity'),
      details: { type: 'object', title: 'Further details' },
    },
    required: ['apikey'],
  },
  'mattermost-webhook': {
    name: 'Mattermost Webhook',
    description: 'Messages to channels of a Mattermost server.',
    properties: {
      notify_type: NOTIFY_TYPE,
      hostname: text('Host'),
      secure: flag('By https', false),
      token: secret('Token of the webhook'),
      botname: text('Name of the bot'),
      channels: texts('Channels'),
      include_image: flag('Show an image', false),
      path: text('Path before /hooks'),
      port: { type: 'number', title: 'Port', default: 8065 },
    },
    required: ['hostname', 'token'],
  },
  'twilio-sms': {
    name: 'Twilio SMS',
    description: 'Text messages by Twilio.',
    properties: {
      notify_type: NOTIFY_TYPE,
      account_sid: text('Account SID'),
      auth_token: secret('Authentication token'),
      from_phone_number: text('Number of the sender'),
      to_phone_numbers: texts('Numbers of the recipients'),
    },
    required: ['account_sid', 'auth_token', 'from_phone_number', 'to_phone_numbers'],
  },
  'sendgrid-email': {
    name: 'Sendgrid Email',
    description: 'E-mail by SendGrid.',
    properties: {
      notify_type: NOTIFY_TYPE,
      api_key: secret('API key'),
      sender_email: text('Address of the sender'),
      to_emails: texts('Addresses of the recipients'),
    },
    required: ['api_key', 'sender_email', 'to_emails'],
  },
  'custom-webhook': {
    name: 'Custom Webhook',
    description: 'Messages to any HTTP address, in a form of your own.',
    properties: {
      name: text('Name'),
      url: webhookOf('the service'),
      secrets: { type: 'object', title: 'Secrets', isSecret: true },
    },
    required: ['name', 'url'],
  },
};

const OURS: Readonly<Record<string, Kind>> = {
  'smtp-email': {
    name: 'SMTP Email',
    description: 'E-mail by an SMTP server.',
    properties: {
      notify_type: NOTIFY_TYPE,
      host: text('Host'),
      security: text('Encryption', { default: 'starttls', values: ['starttls', 'tls', 'none'] }),
      port: { type: 'number', title: 'Port', description: 'By default 587, with tls 465, with none 25.' },
      username: text('User'),
      password: secret('Password'),
      sender: text('Address of the sender'),
      sender_name: text('Name of the sender'),
      recipients: texts('Addresses of the recipients'),
      verify: flag('Verify certificates', true),
      timeout: { type: 'number', title: 'Seconds for the whole', default: 15 },
    },
    required: ['host', 'sender', 'recipients'],
  },
  'slack-bot': {
    name: 'Slack Bot',
    description: 'Messages to a Slack channel by a bot, which can change them and answer in their threads.',
    properties: {
      token: secret('Token of the bot', 'It begins with xoxb-, and has the scope chat:write.'),
      channel: text('Channel', { description: 'Its id, or its name.' }),
      username: text('Name of the bot'),
      api_url: text('Address of the API', { default: 'https://slack.com/api' }),
    },
    required: ['token', 'channel'],
  },
  telegram: {
    name: 'Telegram',
    description: 'Messages to a chat of Telegram by a bot.',
    properties: {
      bot_token: secret('Token of the bot'),
      chat_id: text('Chat', { description: 'Its id, or the name of a channel with its @.' }),
      disable_notification: flag('Without a sound', false),
      api_url: text('Address of the API', { default: 'https://api.telegram.org' }),
    },
    required: ['bot_token', 'chat_id'],
  },
  ntfy: {
    name: 'ntfy',
    description: 'Messages to phones by ntfy, the public server or one of your own.',
    properties: {
      notify_type: NOTIFY_TYPE,
      server: text('Address of the server', { default: 'https://ntfy.sh' }),
      topic: secret('Topic', 'On the public server everybody who knows it reads it.'),
      token: secret('Access token'),
      username: text('User'),
      password: secret('Password'),
      tags: texts('Tags'),
    },
    required: ['topic'],
  },
  'apprise-notification': {
    name: 'Apprise Notification',
    description: 'Messages to whatever the Python package Apprise reaches, where it is installed.',
    properties: {
      notify_type: NOTIFY_TYPE,
      url: secret('Address', 'As Apprise reads it, for instance matrix://user:password@matrix.example.com/room.'),
      allow_private_urls: PRIVATE,
    },
    required: ['url'],
  },
  'signed-webhook': {
    name: 'Signed Webhook',
    description: 'JSON to an address of your own, signed as the Standard Webhooks specification says.',
    properties: {
      notify_type: NOTIFY_TYPE,
      url: webhookOf('the receiver'),
      secret: secret('Secret', 'At least 16 bytes; whsec_ and base64, or a text.'),
      headers: { type: 'object', title: 'Headers', description: 'Sent with each message.', isSecret: true },
      timeout: { type: 'number', title: 'Seconds to wait for the answer', default: 10 },
      allow_private_urls: PRIVATE,
    },
    required: ['url', 'secret'],
  },
};

export const NOTIFICATION_BLOCK_TYPES: readonly SystemBlockType[] = Object.entries({ ...PREFECT, ...OURS }).map(
  ([slug, kind]) => ({ slug, capabilities: ['notify'], ...kind }),
);
