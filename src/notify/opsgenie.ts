/** Opsgenie: alerts with the same alias are one. Source: Opsgenie's Alert API; the alert as Apprise 2.0.1 makes it. */

import type { Notification } from '../core/notifications/channel.ts';
import { choiceOf, numberOf, optionalText, severityOf, textOf, textsByName, textsOf } from './block-fields.ts';
import { exchange, memberText, serviceAddress, type Judge } from './exchange.ts';
import type { ChannelOf } from './open-channel.ts';
import { oneLine, shortened, withLinks } from './wording.ts';

const MESSAGE_CHARACTERS_MAX = 130;
const DESCRIPTION_CHARACTERS_MAX = 15_000;
const ALIAS_CHARACTERS_MAX = 512;
const SERVICES = { us: 'https://api.opsgenie.com', eu: 'https://api.eu.opsgenie.com' };
const KINDS = {
  target_team: 'team',
  target_schedule: 'schedule',
  target_user: 'user',
  target_escalation: 'escalation',
};
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const opsgenieWebhook: ChannelOf = (ports, data) => {
  const service = SERVICES[choiceOf(data, 'region_name', ['us', 'eu'])];
  const alerts = `${serviceAddress(ports, 'opsgenie-webhook', service)}/v2/alerts`;
  const headers = { authorization: `GenieKey ${textOf(data, 'apikey')}` };
  const priority = numberOf(data, 'priority', 3, [1, 5]);
  const usual = severityOf(data);
  const entity = optionalText(data, 'entity');
  const alias = optionalText(data, 'alias');
  const responders = Object.entries(KINDS).flatMap(([field, type]) =>
    textsOf(data, field).map((name) => {
      if (UUID.test(name)) return { type, id: name };
      return type === 'user' ? { type, username: name } : { type, name };
    }),
  );
  const byAlias = (handle: string, action: string): string =>
    `${alerts}/${encodeURIComponent(handle)}/${action}?identifierType=alias`;
  const aliasOf = ({ key }: Notification): string => shortened(alias ?? key, ALIAS_CHARACTERS_MAX);
  const note = (notification: Notification): object => ({
    source: 'Ostinato',
    note: `${notification.subject}\n${descriptionOf(notification)}`.trim(),
  });
  return {
    send: async (notification, context) => {
      const handle = aliasOf(notification);
      if (notification.isResolved === true)
        return await exchange(
          ports,
          context,
          { url: byAlias(handle, 'close'), headers, json: note(notification) },
          judge,
        );
      const { subject, body, severity } = notification;
      const json = {
        source: 'Ostinato',
        message: shortened(oneLine(subject === '' ? body : subject), MESSAGE_CHARACTERS_MAX),
        description: descriptionOf(notification),
        details: { ...textsByName(data, 'details'), type: severity ?? usual },
        priority: severity === 'critical' ? 'P1' : `P${Math.trunc(priority)}`,
        tags: textsOf(data, 'tags'),
        ...(entity === null ? {} : { entity }),
        alias: handle,
        // In one alert: apart, those with the same alias would be taken for repeats of the first.
        ...(responders.length === 0 ? {} : { responders }),
      };
      return await exchange(ports, context, { url: alerts, headers, json }, (answer, said) => ({
        ...judge(answer, said),
        handle,
      }));
    },
    reply: (handle, notification, context) => {
      const action = notification.isResolved === true ? 'close' : 'notes';
      return exchange(ports, context, { url: byAlias(handle, action), headers, json: note(notification) }, judge);
    },
  };
};

function descriptionOf({ body, links }: Notification): string {
  return withLinks(body, links, DESCRIPTION_CHARACTERS_MAX);
}

/** It takes alerts into a queue: 202, not yet made. */
const judge: Judge = ({ status }, json) => {
  const said = memberText(json, 'result') ?? memberText(json, 'message');
  return status < 300 ? { said } : { refused: said, ...(status >= 500 || status === 429 ? { isDelayed: true } : {}) };
};
