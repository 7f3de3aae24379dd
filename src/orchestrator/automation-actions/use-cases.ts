/** Orders of automations: taken, acted on, and what became of them. */

import type { ActionRecord, TakenOrder } from '../../core/action-receipt.ts';
import type { ActionOrder } from '../../core/automation-firing.ts';
import type { AutomationId } from '../../core/automation.ts';
import { assert } from '../../core/errors.ts';
import type { BlockDocumentId } from '../../core/ids.ts';
import type { MaybePromise } from '../../core/maybe-promise.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import type { ActionRecordCount } from '../../store/port/automation-actions.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { actOn, type ActAnswer } from './act.ts';
import { testNotification } from './test-notification.ts';

/** Longer than any attempt: one whose lease is over is taken by another server. */
const LEASE_SECONDS = 120;
/** Of one automation at a time, in one server: its hanging receivers keep no other automation waiting. */
const OF_ONE_AUTOMATION_MAX = 4;

export interface TakeOrders {
  readonly limit: number;
  /** How many of an automation's are acted on by the caller. */
  readonly underWay: ReadonlyMap<AutomationId, number>;
}

export function automationActionUseCases(ports: OrchestratorPorts) {
  const { storage, clock } = ports;
  return {
    orderActions: (orders: readonly ActionOrder[]): MaybePromise<void> =>
      storage.insertActionOrders(orders, clock.now()),
    nextActionOrderAt: (): MaybePromise<Instant | null> => storage.nextActionOrderAt(),
    takeActionOrders: ({ limit, underWay }: TakeOrders): MaybePromise<readonly TakenOrder[]> => {
      const now = clock.now();
      const leaseUntil = addSeconds(now, LEASE_SECONDS);
      return storage.takeActionOrders({ now, leaseUntil, limit, underWay, automationMax: OF_ONE_AUTOMATION_MAX });
    },
    actOn: (taken: TakenOrder): Promise<ActAnswer> => {
      const { actions } = ports;
      assert(actions !== undefined, 'orders are acted on by a server');
      return actOn({ ...ports, actions }, taken);
    },
    testNotification: (id: BlockDocumentId, said: Parameters<typeof testNotification>[2]) => {
      const { actions } = ports;
      assert(actions !== undefined, 'notifications are sent by a server');
      return testNotification({ ...ports, actions }, id, said);
    },
    listActionRecords: (id: AutomationId, limit: number): MaybePromise<readonly ActionRecord[]> =>
      storage.listActionRecords(id, limit),
    countActionRecords: (ids: readonly AutomationId[], since: Instant): MaybePromise<readonly ActionRecordCount[]> =>
      storage.countActionRecords(ids, since),
    deleteActionRecordsBefore: (before: Instant, limit: number): MaybePromise<number> =>
      storage.deleteActionRecordsBefore(before, limit),
  };
}
