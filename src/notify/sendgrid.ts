/** E-mail by SendGrid. Source: SendGrid's documentation of the v3 Mail Send; its errors are in the answer's body. */

import { BlockProblem, textOf, textsOf } from './block-fields.ts';
import { exchange, serviceAddress, type Judge } from './exchange.ts';
import type { ChannelOf } from './open-channel.ts';
import { RECIPIENTS_MAX } from './recipients.ts';
import { oneLine, withLinks } from './wording.ts';

const BODY_CHARACTERS_MAX = 1_000_000;

export const sendgridEmail: ChannelOf = (ports, data) => {
  const url = `${serviceAddress(ports, 'sendgrid-email', 'https://api.sendgrid.com')}/v3/mail/send`;
  const headers = { authorization: `Bearer ${textOf(data, 'api_key')}` };
  const from = { email: textOf(data, 'sender_email') };
  const recipients = textsOf(data, 'to_emails');
  if (recipients.length === 0 || recipients.length > RECIPIENTS_MAX)
    throw new BlockProblem(`The block was invalid: its to_emails are not 1 to ${RECIPIENTS_MAX}.`);
  return {
    send: ({ subject, body, links }, context) => {
      const json = {
        // One each: the recipients do not see each other.
        personalizations: recipients.map((email) => ({ to: [{ email }] })),
        from,
        subject: oneLine(subject) || 'No subject',
        content: [{ type: 'text/plain', value: withLinks(body, links, BODY_CHARACTERS_MAX) || ' ' }],
      };
      return exchange(ports, context, { url, headers, json }, judge);
    },
  };
};

const judge: Judge = ({ status }, json) => {
  const errors = json?.['errors'];
  if (!Array.isArray(errors)) return {};
  const said = (errors as readonly Readonly<Record<string, unknown>>[])
    .map((error) => (typeof error?.['message'] === 'string' ? error['message'] : JSON.stringify(error)))
    .join('; ');
  return status < 300 && errors.length === 0 ? {} : { refused: said };
};
