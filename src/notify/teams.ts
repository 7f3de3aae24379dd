/** Microsoft Teams, by a workflow's address. Source: Microsoft's documentation; the card as Apprise 2.0.1 makes it. */

import { flagOf, textOf } from './block-fields.ts';
import { exchange, type Judge } from './exchange.ts';
import type { ChannelOf } from './open-channel.ts';
import { shortened } from './wording.ts';

/** A card is at most 28 KB; some of it is its frame, and a character has up to three bytes. */
const BODY_CHARACTERS_MAX = 8000;
const SUBJECT_CHARACTERS_MAX = 250;

export const teamsWebhook: ChannelOf = (ports, data) => {
  const url = textOf(data, 'url');
  const allowsPrivate = flagOf(data, 'allow_private_urls', true);
  const wrap = flagOf(data, 'wrap', true);
  return {
    send: ({ subject, body, links }, context) => {
      const title = { type: 'TextBlock', text: shortened(subject, SUBJECT_CHARACTERS_MAX), style: 'heading' };
      const text = { type: 'TextBlock', text: shortened(body, BODY_CHARACTERS_MAX), style: 'default' };
      const content = {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.4',
        body: [
          ...(subject === '' ? [] : [{ ...title, weight: 'Bolder', size: 'Large', id: 'title' }]),
          { ...text, ...(wrap ? { wrap } : {}), id: 'body' },
        ],
        ...(links.length === 0
          ? {}
          : { actions: links.map(({ text: name, url: to }) => ({ type: 'Action.OpenUrl', title: name, url: to })) }),
        msteams: { width: 'full' },
      };
      const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content };
      return exchange(
        ports,
        context,
        { url, json: { type: 'message', attachments: [attachment] }, allowsPrivate },
        judge,
      );
    },
  };
};

/** A connector answers 200 also when Teams did not take the message, and says so in its text. */
const judge: Judge = ({ status, body }) => {
  const failed = /Microsoft Teams endpoint returned HTTP error (\d{3})/.exec(body);
  if (status >= 300 || failed === null) return {};
  const passes = failed[1] === '429' || failed[1]?.startsWith('5') === true;
  return passes ? { isDelayed: true, said: failed[0] } : { refused: failed[0] };
};
