/** Alerts of a server, as people look at them and take them on. */

import {
  ACKNOWLEDGE_ALERT,
  CLOSE_ALERT,
  LIST_ALERTS,
  READ_ALERT,
  SNOOZE_ALERT,
  type Alert,
} from '../../contract/alert.ts';
import type { BothViews } from '../../contract/wire-json.ts';
import type { AlertState } from '../../core/alerts/alert.ts';
import { OstinatoError } from '../../core/errors.ts';
import { isUuid } from '../../core/ids.ts';
import { PAGE_MAX, type ControlPlane } from './plane.ts';

export interface AlertClient {
  /** The newest first. @param states absent: in any */
  list(wanted: {
    readonly limit: number;
    readonly states?: readonly AlertState[] | undefined;
  }): Promise<readonly BothViews<Alert>[]>;
  /** By its id, or by the end of it. `not-found`; `bad-input` for an end that several have. */
  find(word: string): Promise<BothViews<Alert>>;
  acknowledge(id: string, by: string | undefined): Promise<BothViews<Alert>>;
  close(id: string): Promise<BothViews<Alert>>;
  snooze(id: string, seconds: number): Promise<BothViews<Alert>>;
}

/** `unsupported` on a server of Prefect. */
export function alertsOf(plane: ControlPlane): AlertClient {
  if (plane.kind === 'prefect')
    throw new OstinatoError('unsupported', 'A server of Prefect has no alerts.', {
      remedy: 'Ask an Ostinato server: see `ostinato server start`.',
    });
  const list: AlertClient['list'] = async ({ limit, states }) => {
    const found: BothViews<Alert>[] = [];
    while (found.length < limit) {
      const asked = Math.min(PAGE_MAX, limit - found.length);
      const after = found.at(-1)?.plain.id;
      const { plain, exact } = await plane.ask(LIST_ALERTS, {
        body: {
          limit: asked,
          ...(states === undefined ? {} : { states: [...states] }),
          ...(after === undefined ? {} : { after }),
        },
      });
      const rows = exact as readonly unknown[];
      found.push(...plain.map((alert, index) => ({ plain: alert, exact: rows[index] }) as BothViews<Alert>));
      if (plain.length < asked) break;
    }
    return found;
  };
  return {
    list,
    async find(word) {
      const name = word.toLowerCase();
      const byId = isUuid(name) ? await plane.find(READ_ALERT, { id: name }) : null;
      if (byId !== null) return byId;
      const ending = /^[0-9a-f]{6,}$/.test(name) ? await list({ limit: ENDS_LOOKED_AT }) : [];
      const [one, other] = ending.filter(({ plain }) => plain.id.endsWith(name));
      if (one !== undefined && other === undefined) return one;
      if (one !== undefined)
        throw new OstinatoError('bad-input', `The ids of several alerts end in "${word}".`, {
          remedy: 'Take the whole id of one from: ostinato alert ls -o json',
        });
      throw new OstinatoError('not-found', `There is no alert "${word}".`, {
        remedy: 'Take the id of one from: ostinato alert ls',
      });
    },
    acknowledge: (id, by) => plane.ask(ACKNOWLEDGE_ALERT, { params: { id }, body: by === undefined ? {} : { by } }),
    close: (id) => plane.ask(CLOSE_ALERT, { params: { id } }),
    snooze: (id, seconds) => plane.ask(SNOOZE_ALERT, { params: { id }, body: { seconds } }),
  };
}

/** Of the newest ones. */
const ENDS_LOOKED_AT = 1000;
