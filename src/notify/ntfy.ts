/** ntfy, the public server or one's own. Source: its documentation of publishing as JSON. */

import type { Severity } from '../core/notifications/channel.ts';
import { basicAuth } from './basic-auth.ts';
import { optionalText, severityOf, textOf, textsOf } from './block-fields.ts';
import { exchange, memberText, type Judge } from './exchange.ts';
import type { ChannelOf } from './open-channel.ts';
import { oneLine, shortened, withLinks } from './wording.ts';

/** Longer ones become attachments: 4,096 bytes, and a character has up to three. */
const BODY_CHARACTERS_MAX = 1365;
const SUBJECT_CHARACTERS_MAX = 250;
const ACTIONS_MAX = 3;
const PRIORITIES = { info: 3, success: 3, warning: 4, error: 4, critical: 5 } as const satisfies Record<
  Severity,
  number
>;

export const ntfy: ChannelOf = (ports, data) => {
  const url = textOf({ server: 'https://ntfy.sh', ...data }, 'server');
  const topic = textOf(data, 'topic');
  const [token, username, password] = ['token', 'username', 'password'].map((name) => optionalText(data, name));
  const authorization = token ? `Bearer ${token}` : username ? basicAuth(username, password ?? '') : null;
  const tags = textsOf(data, 'tags');
  const usual = severityOf(data);
  return {
    send: ({ subject, body, format, severity = usual, links }, context) => {
      const [first] = links;
      const json = {
        topic,
        ...(subject === '' ? {} : { title: shortened(oneLine(subject), SUBJECT_CHARACTERS_MAX) }),
        message: withLinks(body, links.slice(ACTIONS_MAX), BODY_CHARACTERS_MAX),
        priority: PRIORITIES[severity],
        ...(tags.length === 0 ? {} : { tags }),
        ...(format === 'markdown' ? { markdown: true } : {}),
        ...(first === undefined ? {} : { click: first.url }),
        ...(links.length === 0
          ? {}
          : {
              actions: links
                .slice(0, ACTIONS_MAX)
                .map(({ text, url: to }) => ({ action: 'view', label: text, url: to })),
            }),
      };
      const headers = authorization === null ? {} : { authorization };
      return exchange(ports, context, { url, headers, json }, judge);
    },
  };
};

const judge: Judge = ({ status }, json) => {
  const error = memberText(json, 'error');
  if (status >= 300) return status === 429 ? { said: error } : { refused: error };
  return memberText(json, 'id') === undefined ? { refused: error ?? 'the answer is not one of ntfy' } : {};
};
