/** The link by which an alert is acknowledged: whoever has it may do that, until it ends. */

import type { Alert, AlertId } from '../../core/alerts/alert.ts';
import { isAcknowledgementAsked } from '../../core/alerts/options.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import type { ActionPorts } from '../automation-actions/ports.ts';

export const LINK_SECONDS = 7 * 86_400;

interface LinkPorts {
  readonly actions: Pick<ActionPorts, 'links' | 'pages'>;
}

/** `null`: nobody is asked, or nobody knows where the server is. */
export function acknowledgeUrl({ actions }: LinkPorts, alert: Alert): string | null {
  const pages = actions.pages();
  if (pages === null || !isAcknowledgementAsked(alert.options)) return null;
  const until = Math.floor(addSeconds(alert.openedAt, LINK_SECONDS) / 1_000_000);
  const signature = actions.links.sign(alert.secret, signedText(alert.id, until));
  return `${pages}/api/ostinato/alerts/${alert.id}/acknowledgement?until=${until}&signature=${signature}`;
}

/** @param until seconds since 1970 */
function signedText(id: AlertId, until: number): string {
  return `acknowledge ${id} ${until}`;
}

export interface LinkParts {
  readonly until: number;
  readonly signature: string;
}

/** Whether the link is of this alert and has not ended; the same answer for whatever is wrong. */
export function isLinkValid(
  { actions }: LinkPorts,
  alert: Alert | null,
  { until, signature }: LinkParts,
  now: Instant,
): boolean {
  const expected = actions.links.sign(alert?.secret ?? '', signedText(alert?.id ?? ('' as AlertId), until));
  const isSame = actions.links.isSame(signature, expected);
  return isSame && alert !== null && until * 1_000_000 > now;
}
