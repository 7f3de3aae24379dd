/** The server's loops: everything that happens by time, not by request. */

import { CRASHED_RUNS_PERIOD_SECONDS } from '../core/after-crash.ts';
import type { Clock, Instant } from '../core/time.ts';
import type { Storage } from '../store/port.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { forgetReceipts, RECEIPTS_PERIOD_SECONDS } from '../services/automation-actions.ts';
import { ALERTS_PERIOD_SECONDS, forgetAlerts } from '../services/alerts.ts';
import { BACKFILLS_PERIOD_SECONDS, tickBackfills } from '../services/backfills.ts';
import { CANCELLATION_PERIOD_SECONDS, CancelledRuns, endCancelling } from '../services/cancellation.ts';
import { EXPIRED_LEASES_PERIOD_SECONDS, ExpiredLeases } from '../services/expired-leases.ts';
import { LATE_RUNS_PERIOD_SECONDS, markLateRuns } from '../services/late-runs.ts';
import {
  endReadiness,
  HEALING_PERIOD_SECONDS,
  healSchedules,
  READINESS_PERIOD_SECONDS,
  SCHEDULER_PERIOD_SECONDS,
  tickScheduler,
} from '../services/scheduler.ts';
import { startLoops, type Loop, type Loops } from '../services/loops.ts';
import { CrashedRuns } from '../services/crashed-runs.ts';
import { LOST_RUNS_PERIOD_SECONDS, LostRuns } from '../services/lost-runs.ts';
import { startTriggering } from './triggering.ts';
import { Retention, RETENTION_PERIOD_SECONDS } from '../services/retention.ts';
import { SilentRuns, SILENT_RUNS_PERIOD_SECONDS } from '../services/silent-runs.ts';
import { expirePauses, PAUSE_EXPIRY_PERIOD_SECONDS } from '../services/pause-expiry.ts';
import { markUnready, UNREADY_PERIOD_SECONDS } from '../services/unready.ts';

export interface ServiceOptions {
  readonly storage: Pick<Storage, 'onCommit'>;
  readonly useCases: UseCases;
  readonly clock: Clock;
  readonly onFailure: (message: string, error: unknown) => void;
  readonly onNotice: (message: string) => void;
  /** `null`: nothing is removed. */
  readonly retention: Retention | null;
  /** `null`: runs are not ended for silence. */
  readonly silentSeconds: number | null;
  /** Whether the triggers of automations are looked at. Default `true`. */
  readonly automationTriggers?: boolean;
  /** Called when schedules have made runs. */
  readonly onScheduled: () => void;
}

export function startServices(options: ServiceOptions): Loops {
  const loops = startTimed(options);
  const triggers = (options.automationTriggers ?? true) ? startTriggering(options) : null;
  return {
    async stop() {
      await Promise.all([loops.stop(), triggers?.stop()]);
    },
  };
}

function startTimed({ useCases, clock, onFailure, retention, silentSeconds, onScheduled }: ServiceOptions): Loops {
  const leases = new ExpiredLeases(useCases, clock.now());
  const cancelled = new CancelledRuns(useCases);
  const lost = new LostRuns(useCases);
  const crashed = new CrashedRuns(useCases);
  const silent = silentSeconds === null ? null : new SilentRuns(useCases, silentSeconds);
  const loops: readonly Loop[] = [
    {
      name: 'pauses that expire',
      everySeconds: PAUSE_EXPIRY_PERIOD_SECONDS,
      tick: (now) => expirePauses(useCases, now),
    },
    {
      name: 'runs of schedules',
      everySeconds: SCHEDULER_PERIOD_SECONDS,
      firstAfterSeconds: 1,
      tick: async () => {
        if ((await tickScheduler(useCases)) > 0) onScheduled();
      },
    },
    { name: 'backfills', everySeconds: BACKFILLS_PERIOD_SECONDS, tick: () => tickBackfills(useCases, clock) },
    {
      name: 'receipts of actions',
      everySeconds: RECEIPTS_PERIOD_SECONDS,
      firstAfterSeconds: 1,
      tick: (now) => forgetReceipts(useCases, now),
    },
    {
      name: 'alerts that are over',
      everySeconds: ALERTS_PERIOD_SECONDS,
      firstAfterSeconds: 1,
      tick: (now) => forgetAlerts(useCases, now),
    },
    {
      name: 'schedules without a next slot',
      everySeconds: HEALING_PERIOD_SECONDS,
      tick: () => healSchedules(useCases, clock),
    },
    {
      name: 'deployments that nobody asks for',
      everySeconds: READINESS_PERIOD_SECONDS,
      tick: (now) => endReadiness(useCases, now),
    },
    { name: 'late runs', everySeconds: LATE_RUNS_PERIOD_SECONDS, tick: (now) => markLateRuns(useCases, now) },
    { name: 'workers that are gone', everySeconds: UNREADY_PERIOD_SECONDS, tick: (now) => markUnready(useCases, now) },
    {
      name: 'cancelling that nobody confirms',
      everySeconds: CANCELLATION_PERIOD_SECONDS,
      tick: (now) => endCancelling(useCases, now),
    },
    {
      name: 'what is left below cancelled runs',
      everySeconds: CANCELLATION_PERIOD_SECONDS,
      tick: (now) => cancelled.tick(now),
    },
    { name: 'runs whose process is gone', everySeconds: LOST_RUNS_PERIOD_SECONDS, tick: () => lost.tick() },
    { name: 'runs that go on after a crash', everySeconds: CRASHED_RUNS_PERIOD_SECONDS, tick: () => crashed.tick() },
    ...(silent === null
      ? []
      : [
          {
            name: 'runs whose heartbeats have stopped',
            everySeconds: Math.min(SILENT_RUNS_PERIOD_SECONDS, silentSeconds ?? 0),
            tick: (now: Instant) => silent.tick(now),
          },
        ]),
    { name: 'leases that expire', everySeconds: EXPIRED_LEASES_PERIOD_SECONDS, tick: (now) => leases.tick(now) },
    ...(retention === null
      ? []
      : [
          {
            name: 'retention',
            everySeconds: RETENTION_PERIOD_SECONDS,
            firstAfterSeconds: 1,
            tick: (now: Instant) => retention.tick(now),
          },
        ]),
  ];
  return startLoops(clock, loops, (name, error) => onFailure(`The service for ${name} failed`, error));
}
