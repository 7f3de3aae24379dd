/**
 * PagerDuty, by its Events API v2: what has the same key is one incident. Source: PagerDuty's documentation; the event
 * as Prefect 3.9.1 and Apprise 2.0.1 make it.
 */

import type { Notification, Severity } from '../core/notifications/channel.ts';
import { choiceOf, optionalText, severityOf, textOf, textsByName } from './block-fields.ts';
import { exchange, memberText, serviceAddress, type Judge } from './exchange.ts';
import type { ChannelOf } from './open-channel.ts';
import { oneLine, shortened } from './wording.ts';

const SUMMARY_CHARACTERS_MAX = 1024;
const KEY_CHARACTERS_MAX = 255;
const SEVERITIES = {
  info: 'info',
  success: 'info',
  warning: 'warning',
  error: 'error',
  critical: 'critical',
} as const satisfies Record<Severity, string>;
const SERVICES = { us: 'https://events.pagerduty.com', eu: 'https://events.eu.pagerduty.com' };

export const pagerDutyWebhook: ChannelOf = (ports, data) => {
  const service = SERVICES[choiceOf(data, 'region_name', ['us', 'eu'])];
  const url = `${serviceAddress(ports, 'pager-duty-webhook', service)}/v2/enqueue`;
  const key = textOf(data, 'integration_key');
  const headers = { authorization: `Token token=${textOf(data, 'api_key')}` };
  const usual = severityOf(data);
  const details = textsByName(data, 'custom_details');
  const [group, ofClass, click] = ['group', 'class_id', 'clickable_url'].map((name) => optionalText(data, name));
  const payload = ({ subject, body, severity = usual }: Notification): object => ({
    summary: shortened(oneLine(subject === '' ? body : subject), SUMMARY_CHARACTERS_MAX) || 'No subject',
    severity: SEVERITIES[severity],
    source: optionalText(data, 'source') ?? 'Prefect',
    component: optionalText(data, 'component') ?? 'Notification',
    ...(group ? { group } : {}),
    ...(ofClass ? { class: ofClass } : {}),
    custom_details: { ...details, ...(subject === '' ? {} : { 'Prefect Notification Body': body }) },
  });
  const send: ReturnType<ChannelOf>['send'] = (notification, context) => {
    const links = notification.links.map(({ text, url: href }) => ({ href, text }));
    const json = {
      routing_key: key,
      event_action: notification.isResolved === true ? 'resolve' : 'trigger',
      dedup_key: shortened(notification.key, KEY_CHARACTERS_MAX),
      payload: payload(notification),
      client: 'Ostinato',
      links: [...(click ? [{ href: click }] : []), ...links],
    };
    return exchange(ports, context, { url, headers, json }, judge);
  };
  return {
    send,
    // An event with the key of an open incident changes it.
    edit: (handle, notification, context) => send({ ...notification, key: handle }, context),
  };
};

const judge: Judge = ({ status }, json) => {
  const told = memberText(json, 'status');
  const message = [memberText(json, 'message'), memberText(json, 'errors')].filter((text) => text !== undefined);
  if (status < 300 && told === 'success') return { said: message[0], handle: memberText(json, 'dedup_key') ?? null };
  return { refused: [told ?? 'the answer is not one of PagerDuty', ...message].join(': ') };
};
