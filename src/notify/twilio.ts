/** Text messages by Twilio, one for each number. Source: Twilio's documentation of messages; as Apprise 2.0.1 sends. */

import { BlockProblem, textOf, textsOf } from './block-fields.ts';
import { basicAuth } from './basic-auth.ts';
import { exchange, memberText, serviceAddress, type Judge } from './exchange.ts';
import type { ChannelOf } from './open-channel.ts';
import { each } from './recipients.ts';
import { wholeText } from './wording.ts';

const CHARACTERS_MAX = 1600;

export const twilioSms: ChannelOf = (ports, data) => {
  const account = textOf(data, 'account_sid');
  const service = serviceAddress(ports, 'twilio-sms', 'https://api.twilio.com');
  const url = `${service}/2010-04-01/Accounts/${encodeURIComponent(account)}/Messages.json`;
  const headers = { authorization: basicAuth(account, textOf(data, 'auth_token')) };
  const from = textOf(data, 'from_phone_number');
  const numbers = textsOf(data, 'to_phone_numbers');
  if (numbers.length === 0) throw new BlockProblem('The block was invalid: its to_phone_numbers are empty.');
  return {
    send: (notification, context) =>
      each(ports, numbers, (to) => {
        const form = { Body: wholeText(notification, CHARACTERS_MAX), From: from, To: to };
        return exchange(ports, context, { url, headers, form }, judge);
      }),
  };
};

const judge: Judge = ({ status }, json) => {
  const told = memberText(json, 'status');
  const code = memberText(json, 'error_code') ?? (status < 300 ? undefined : memberText(json, 'code'));
  const message = memberText(json, 'error_message') ?? memberText(json, 'message');
  const refused = [code, message].filter((text) => text !== undefined).join(' ');
  if (status >= 300) return refused === '' ? {} : { refused };
  if (told === 'failed' || told === 'undelivered' || code !== undefined) return { refused: refused || told };
  return { said: told };
};
