/** Whatever the Python package Apprise reaches, where it is installed: by a block's address, as Apprise reads it. */

import type { Delivery, Severity } from '../core/notifications/channel.ts';
import { sendByApprise, type AppriseAnswer } from '../platform/apprise.ts';
import { flagOf, severityOf, textOf } from './block-fields.ts';
import type { ChannelOf } from './open-channel.ts';
import { oneLine, shortened, withLinks } from './wording.ts';

const BODY_CHARACTERS_MAX = 100_000;
const SAID_CHARACTERS_MAX = 300;
const TYPES = {
  info: 'info',
  success: 'success',
  warning: 'warning',
  error: 'failure',
  critical: 'failure',
} as const satisfies Record<Severity, string>;

export const appriseNotification: ChannelOf = ({ python, targets }, data) => {
  const url = textOf(data, 'url');
  const allowsPrivate = flagOf(data, 'allow_private_urls', true);
  const usual = severityOf(data);
  return {
    send: async ({ subject, body, links, severity = usual }) => {
      const answer = await sendByApprise(python, {
        url,
        title: subject,
        body: withLinks(body, links, BODY_CHARACTERS_MAX),
        type: TYPES[severity],
        targets: targets?.map(({ isWild, name, port }) => [isWild, name, port] as const) ?? null,
        private: allowsPrivate,
      });
      return told(answer);
    },
  };
};

function told(answer: AppriseAnswer): Delivery {
  if (answer.outcome === 'missing')
    return {
      outcome: 'refused',
      receipt:
        `refused: ${saidOf([answer.reason])}; install it (pip install apprise), and name that Python by ` +
        'server.notification_python',
    };
  if (answer.outcome === 'unfinished')
    return { outcome: 'delayed', receipt: `${saidOf([answer.reason])}.`, afterSeconds: null };
  if (answer.outcome === 'unknown') {
    const said = answer.said.length === 0 ? '' : `: ${saidOf(answer.said)}`;
    return { outcome: 'refused', receipt: `refused: Apprise cannot read the address of the block${said}` };
  }
  const { sent, names, said, refused } = answer;
  const by = shortened(names.map(oneLine).join(', '), SAID_CHARACTERS_MAX);
  if (sent === names.length) return { outcome: 'accepted', receipt: `accepted, says Apprise: ${by}`, handle: null };
  const why = saidOf(refused.length > 0 ? refused : said) || 'it does not say why';
  if (sent > 0)
    return { outcome: 'partial', receipt: `sent to ${sent} of ${names.length} (${by}): ${why}`, handle: null };
  // Apprise itself tells no more than that it failed: the status of the answer is in what it warns of.
  const status = Number(/error=(\d{3})/.exec(said.join(' '))?.[1] ?? 0);
  const stays = refused.length > 0 || (status >= 400 && status < 500 && status !== 408 && status !== 429);
  return stays
    ? { outcome: 'refused', receipt: `refused by ${by}: ${why}` }
    : { outcome: 'delayed', receipt: `Apprise did not send it by ${by}: ${why}.`, afterSeconds: null };
}

function saidOf(texts: readonly string[]): string {
  return shortened(oneLine(texts.join('; ')), SAID_CHARACTERS_MAX).replace(/\.$/, '');
}
