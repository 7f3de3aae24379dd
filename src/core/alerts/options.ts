/** What an action says about the alerts that it opens: all of it may be left out. */

import { DAY_SECONDS } from '../schedules/calendar.ts';
import { readLocalTime } from '../schedules/local-time.ts';
import { zoneOf } from '../schedules/zone.ts';
import type { Instant } from '../time.ts';
import type { DigestTimes } from './digest.ts';
import type { QuietHours } from './quiet-hours.ts';
import type { Rota } from './rota.ts';
import type { Severity } from '../notifications/channel.ts';

export interface EscalationStep {
  /** Seconds after the alert was opened. */
  readonly afterSeconds: number;
  /** The block that is told then. */
  readonly channel: string;
}

export interface AlertOptions {
  /** Whether repeats are folded; `null`: where a cause can be told from the event. */
  readonly folds: boolean | null;
  /** A template: what is the same is one cause. `null`: it is taken from the event. */
  readonly cause: string | null;
  /** `null`: by what has happened. */
  readonly severity: Severity | null;
  /** Without a repeat for so long, it is closed. */
  readonly closeAfterSeconds: number;
  /** So long after a success, without a failure, it has recovered; `null`: successes are not looked at. */
  readonly recoveredAfterSeconds: number | null;
  readonly escalation: readonly EscalationStep[];
  /** Told together then; `null`: each cause at once. What is critical does not wait. */
  readonly digest: DigestTimes | null;
  /** What is not critical waits for their end. */
  readonly quiet: QuietHours | null;
  /** Of digests, quiet hours and rotas. */
  readonly timeZone: string;
  /** Blocks that are told besides. */
  readonly group: readonly string[];
  /** Blocks that are told instead of the action's, of what has the tag `owner:<name>`. */
  readonly owners: Readonly<Record<string, readonly string[]>>;
  /** Who is told instead of the action's block; `null`: nobody takes turns. */
  readonly rota: Rota | null;
  /** Whether messages have a link by which they are acknowledged; `null`: where somebody waits for it. */
  readonly asksForAcknowledgement: boolean | null;
}

export const ALERT_DEFAULTS: AlertOptions = {
  folds: null,
  cause: null,
  severity: null,
  closeAfterSeconds: 86_400,
  recoveredAfterSeconds: 60,
  escalation: [],
  digest: null,
  quiet: null,
  timeZone: 'UTC',
  group: [],
  owners: {},
  rota: null,
  asksForAcknowledgement: null,
};

export function isAcknowledgementAsked({ asksForAcknowledgement, escalation }: AlertOptions): boolean {
  return asksForAcknowledgement ?? escalation.length > 0;
}

/** In the names of the wire, as actions are kept: `fold`, `cause`, `severity`, …, with lengths of time in seconds. */
export type WireAlertOptions = Readonly<Record<string, unknown>>;

/** Of an action as it is kept: it was checked when it came. */
export function alertOptionsOf(wire: WireAlertOptions | null | undefined): AlertOptions {
  if (wire === null || wire === undefined) return ALERT_DEFAULTS;
  const or = <T>(name: string, otherwise: T): T => (wire[name] ?? otherwise) as T;
  const steps = or<readonly { readonly after: number; readonly block_document_id: string }[]>('escalate', []);
  return {
    folds: or('fold', ALERT_DEFAULTS.folds),
    cause: or('cause', ALERT_DEFAULTS.cause),
    severity: or('severity', ALERT_DEFAULTS.severity),
    closeAfterSeconds: or('close_after', ALERT_DEFAULTS.closeAfterSeconds),
    recoveredAfterSeconds:
      wire['recovered_after'] === null ? null : or('recovered_after', ALERT_DEFAULTS.recoveredAfterSeconds),
    escalation: steps.map(({ after, block_document_id: channel }) => ({ afterSeconds: after, channel })),
    digest: digestOf(or<string | number | null>('digest', null)),
    quiet: quietOf(or<WireQuiet | null>('quiet', null)),
    timeZone: or('time_zone', ALERT_DEFAULTS.timeZone),
    group: or('group', ALERT_DEFAULTS.group),
    owners: or('owners', ALERT_DEFAULTS.owners),
    rota: rotaOf(or<WireRota | null>('on_call', null), or('time_zone', ALERT_DEFAULTS.timeZone)),
    asksForAcknowledgement: or('acknowledge', ALERT_DEFAULTS.asksForAcknowledgement),
  };
}

/** Seconds, or a cron expression. */
function digestOf(wire: string | number | null): DigestTimes | null {
  if (wire === null) return null;
  return typeof wire === 'number' ? { everySeconds: wire } : { cron: wire };
}

interface WireQuiet {
  /** `22:00` */
  readonly from: string;
  readonly until: string;
  readonly days?: readonly string[] | null;
}

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const CLOCK = /^(\d{1,2}):(\d{2})$/;

/** Seconds of the day, of `7:00` or `22:30`; `null`: it is no time of day. */
export function secondOfDay(text: string): number | null {
  const [, hours, minutes] = CLOCK.exec(text) ?? [];
  const seconds = Number(hours) * 3600 + Number(minutes) * 60;
  return hours === undefined || Number(minutes) > 59 || seconds > DAY_SECONDS ? null : seconds;
}

function quietOf(wire: WireQuiet | null): QuietHours | null {
  if (wire === null) return null;
  const days = wire.days ?? null;
  return {
    from: secondOfDay(wire.from) ?? 0,
    until: secondOfDay(wire.until) ?? 0,
    weekdays: days === null ? null : days.map((day) => WEEKDAYS.indexOf(day)),
  };
}

interface WireRota {
  readonly start: string;
  readonly every: number;
  readonly block_document_ids: readonly string[];
  readonly overrides?:
    | readonly { readonly from: string; readonly until: string; readonly block_document_id: string }[]
    | null;
}

function rotaOf(wire: WireRota | null, timeZone: string): Rota | null {
  if (wire === null) return null;
  const at = (text: string): Instant => readLocalTime(text, zoneOf(timeZone), 'The time');
  return {
    startsAt: at(wire.start),
    turnSeconds: wire.every,
    channels: wire.block_document_ids,
    overrides: (wire.overrides ?? []).map(({ from, until, block_document_id: channel }) => ({
      from: at(from),
      until: at(until),
      channel,
    })),
  };
}
