/** Alerts: looked at, acknowledged, snoozed, closed; and acted on when they are due. */

import type { Alert, AlertId } from '../../core/alerts/alert.ts';
import { isOver } from '../../core/alerts/alert.ts';
import { assert } from '../../core/errors.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import type { AlertList, TakenAlert } from '../../store/port/alerts.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { actOnAlert } from './act.ts';
import { alertEvent, type AlertHappening } from './events.ts';
import { isLinkValid, type LinkParts } from './links.ts';
import { lookForRecoveries, type Looked } from './recovery.ts';
import { dueFor } from './tell.ts';

/** Longer than any attempt. */
const LEASE_SECONDS = 120;

export function alertUseCases(ports: OrchestratorPorts) {
  const { storage, clock } = ports;
  return {
    listAlerts: (list: AlertList): MaybePromise<readonly Alert[]> => storage.listAlerts(list),
    readAlert: (id: AlertId): MaybePromise<Alert | null> => storage.readAlert(id),
    /** `null`: there is none. One that is acknowledged or over stays as it is. */
    acknowledgeAlert: (id: AlertId, by: string): Promise<Alert | null> =>
      change(ports, id, 'acknowledged', (alert, now) =>
        alert.state === 'open' ? { ...alert, state: 'acknowledged', acknowledged: { at: now, by } } : null,
      ),
    closeAlert: (id: AlertId): Promise<Alert | null> =>
      change(ports, id, 'closed', (alert, now) => ({ ...alert, state: 'closed', closedAt: now })),
    /** Nothing is told of it for so long; 0: it is told again. */
    snoozeAlert: (id: AlertId, seconds: number): Promise<Alert | null> =>
      change(ports, id, null, (alert, now) => ({
        ...alert,
        snoozedUntil: seconds === 0 ? null : addSeconds(now, seconds),
      })),
    /** Whether the link is valid, and of which alert. */
    alertOfLink: async (id: AlertId, link: LinkParts): Promise<Alert | null> => {
      const { actions } = ports;
      if (actions === undefined) return null;
      const alert = await storage.readAlert(id);
      return isLinkValid({ actions }, alert, link, clock.now()) ? alert : null;
    },

    nextAlertAt: (): MaybePromise<Instant | null> => storage.nextAlertAt(),
    takeAlerts: (limit: number): MaybePromise<readonly TakenAlert[]> => {
      const now = clock.now();
      return storage.takeAlerts({ now, leaseUntil: addSeconds(now, LEASE_SECONDS), limit });
    },
    actOnAlert: (taken: TakenAlert): Promise<void> => {
      const { actions } = ports;
      assert(actions !== undefined, 'alerts are acted on by a server');
      return actOnAlert({ ...ports, actions }, taken);
    },
    lookForRecoveries: (after: number | null): Promise<Looked | null> => lookForRecoveries(ports, after),
    deleteAlertsBefore: (before: Instant, limit: number): MaybePromise<number> =>
      storage.deleteAlertsBefore(before, limit),
  };
}

/** @param after `null`: it stays as it is */
async function change(
  { storage, clock, ids }: OrchestratorPorts,
  id: AlertId,
  what: AlertHappening | null,
  after: (alert: Alert, now: Instant) => Alert | null,
): Promise<Alert | null> {
  const changed = await storage.changeAlert<Alert | null>({ id }, (found) => {
    if (found === null) return { answer: null };
    const now = clock.now();
    const alert = isOver(found.alert.state) ? null : after(found.alert, now);
    if (alert === null) return { answer: found.alert };
    return {
      alert,
      dueAt: dueFor(found, alert, now),
      events: what === null ? [] : [alertEvent(ids, alert, what, now)],
      answer: alert,
    };
  });
  return changed === null ? null : changed.answer;
}
