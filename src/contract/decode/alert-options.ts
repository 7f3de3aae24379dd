/**
 * What a notification says about its alerts: the member `alert` of its action, of Ostinato alone. Clients of Prefect
 * pass it over when they read an automation, and leave it out when they write one back: what is left out stays.
 */

import { secondOfDay, WEEKDAYS } from '../../core/alerts/options.ts';
import { readLocalTime } from '../../core/schedules/local-time.ts';
import { readSchedule } from '../../core/schedules/next-dates.ts';
import { UTC, zoneOf } from '../../core/schedules/zone.ts';
import { SEVERITIES } from '../../core/notifications/channel.ts';
import { Type } from '../type.ts';
import type { ActionOut } from './automation-action.ts';
import {
  Findings,
  fitting,
  partOf,
  needed,
  oneOfKinds,
  optional,
  orNull,
  word,
  type Kind,
  type Member,
  type Read,
} from './kinds.ts';
import { readDuration } from './duration.ts';
import { UuidIn } from '../route.ts';

/** A year. */
const SECONDS_MAX = 366 * 86_400;
const ESCALATIONS_MAX = 10;

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds: a number, `15m`, `1h`, `2d`, or as everywhere else (ISO 8601, days and a clock). */
const span: Read = ({ plain, path }, findings) => {
  const [, count, unit = ''] = typeof plain === 'string' ? (/^(\d{1,9})([smhd])$/.exec(plain.trim()) ?? []) : [];
  const seconds = count === undefined ? readDuration(plain) : Number(count) * (UNITS[unit] ?? 1);
  if (seconds !== null && typeof plain !== 'boolean' && seconds >= 0 && seconds <= SECONDS_MAX) return seconds;
  findings.addRule(path, 'it is a length of time, such as "15m", "1h" or 90 (seconds): a year at most', plain);
  return null;
};

const uuid: Read = (sent, findings) => {
  const read = fitting(UuidIn)(sent, findings);
  return typeof read === 'string' ? read.toLowerCase() : read;
};

const maybe = (read: Read): Member => optional(orNull(read), undefined);
const yesOrNo = fitting(Type.Boolean());

function known(name: string, members: Readonly<Record<string, Member>>): Kind {
  return {
    name,
    members,
    before: (sent) => {
      const unknown = Object.keys(sent).find((key) => !Object.hasOwn(members, key));
      if (unknown === undefined) return null;
      return `nothing is called '${unknown.slice(0, 100)}' here: there are ${Object.keys(members).join(', ')}`;
    },
  };
}

const step = oneOfKinds(() => [known('Escalation', { after: needed(span), block_document_id: needed(uuid) })]);

const steps: Read = ({ plain, exact, path }, findings) => {
  if (!Array.isArray(plain) || plain.length > ESCALATIONS_MAX) {
    findings.addRule(path, `it is a list of at most ${ESCALATIONS_MAX} steps {after, block_document_id}`, plain);
    return null;
  }
  const read = plain.map((item: unknown, index) =>
    step({ plain: item, exact: (exact as readonly unknown[])[index], path: [...path, index] }, findings),
  ) as readonly ({ readonly after: number } | null)[];
  const isOrdered = read.every((one, index) => index === 0 || (one?.after ?? 0) >= (read[index - 1]?.after ?? 0));
  if (!isOrdered) findings.addRule(path, 'each step comes after the one before it', plain);
  return read;
};

const BLOCKS_MAX = 10;
const OWNERS_MAX = 100;
const OVERRIDES_MAX = 100;

/** Ids of blocks. */
function blocks(min: number): Read {
  return (sent, findings) => {
    const { plain, path } = sent;
    if (!Array.isArray(plain) || plain.length < min || plain.length > BLOCKS_MAX) {
      findings.addRule(path, `it is a list of ${min} to ${BLOCKS_MAX} ids of blocks`, plain);
      return null;
    }
    return plain.map((_, index) => uuid(partOf(sent, index), findings));
  };
}

const owners: Read = (sent, findings) => {
  const { plain, path } = sent;
  const names = typeof plain === 'object' && plain !== null && !Array.isArray(plain) ? Object.keys(plain) : null;
  if (names === null || names.length > OWNERS_MAX) {
    findings.addRule(
      path,
      `it is an object with ids of blocks for each owner, of whom there are ${OWNERS_MAX} at most`,
      plain,
    );
    return null;
  }
  return Object.fromEntries(names.map((name) => [name, blocks(1)(partOf(sent, name), findings)]));
};

/** @param what it is, for people @param isFine may throw */
function said(what: string, isFine: (text: string) => boolean): Read {
  return ({ plain, path }, findings) => {
    try {
      if (typeof plain === 'string' && plain.length <= 200 && isFine(plain)) return plain;
    } catch {
      // It says no by throwing.
    }
    findings.addRule(path, `it is ${what}`, plain);
    return null;
  };
}

const timeZone = said('a name of the IANA database, such as "Europe/Berlin"', (text) => zoneOf(text) !== null);
const clock = said('a time of day, such as "22:00"', (text) => secondOfDay(text) !== null);
const time = said('a time, such as "2026-03-01T09:00"', (text) => readLocalTime(text, UTC, 'It') >= 0);
const cron = said(
  'a length of time of a minute at least, or a cron expression',
  (text) => readSchedule({ kind: 'cron', cron: text, timezone: null, dayOr: true }) !== null,
);

const DIGEST_SECONDS_MIN = 60;

/** Seconds, or a cron expression. */
const digest: Read = (sent, findings) => {
  const quietly = new Findings(() => null);
  const seconds = span(sent, quietly);
  const isSpan = quietly.problems.length === 0 && typeof seconds === 'number' && seconds >= DIGEST_SECONDS_MIN;
  return isSpan ? seconds : cron(sent, findings);
};

const days: Read = ({ plain, path }, findings) => {
  const isFine = Array.isArray(plain) && plain.every((day) => typeof day === 'string' && WEEKDAYS.includes(day));
  if (!isFine) findings.addRule(path, `it is a list of ${WEEKDAYS.join(', ')}`, plain);
  return isFine ? [...new Set(plain)] : null;
};

const quiet = oneOfKinds(() => [known('QuietHours', { from: needed(clock), until: needed(clock), days: maybe(days) })]);

const override = oneOfKinds(() => [
  known('Override', { from: needed(time), until: needed(time), block_document_id: needed(uuid) }),
]);

const overrides: Read = (sent, findings) => {
  const { plain, path } = sent;
  if (Array.isArray(plain) && plain.length <= OVERRIDES_MAX)
    return plain.map((_, index) => override(partOf(sent, index), findings));
  findings.addRule(path, `it is a list of at most ${OVERRIDES_MAX} {from, until, block_document_id}`, plain);
  return null;
};

const turn: Read = (sent, findings) => {
  const seconds = span(sent, findings);
  if (typeof seconds === 'number' && seconds < 3600)
    findings.addRule(sent.path, 'a turn is an hour at least', sent.plain);
  return seconds;
};

const rota = oneOfKinds(() => [
  known('Rota', {
    start: needed(time),
    every: needed(turn),
    block_document_ids: needed(blocks(1)),
    overrides: maybe(overrides),
  }),
]);

/** @param template reads a text that may be a template */
export function alertOptions(template: Read): Read {
  return orNull(
    oneOfKinds(() => [
      known('AlertOptions', {
        fold: maybe(yesOrNo),
        cause: maybe(template),
        severity: maybe(word(SEVERITIES)),
        close_after: maybe(span),
        recovered_after: maybe(span),
        escalate: maybe(steps),
        acknowledge: maybe(yesOrNo),
        digest: maybe(digest),
        quiet: maybe(quiet),
        time_zone: maybe(timeZone),
        group: maybe(blocks(0)),
        owners: maybe(owners),
        on_call: maybe(rota),
      }),
    ]),
  );
}

type Notification = ActionOut & { readonly block_document_id?: unknown; readonly alert?: unknown };

function isNotification(action: Notification | undefined): action is Notification {
  return action?.type === 'send-notification';
}

/**
 * The actions as they are kept. One that says nothing about its alerts keeps what stood at its place, or what the one
 * action with its block said; `null` takes it away.
 */
export function withAlertsKept(before: readonly ActionOut[], after: readonly ActionOut[]): readonly ActionOut[] {
  return after.map((action: Notification, index) => {
    if (!isNotification(action)) return action;
    const { alert, ...rest } = action;
    if (alert !== undefined) return alert === null ? rest : action;
    const isSame = (other: Notification | undefined): boolean =>
      isNotification(other) && other.block_document_id === action.block_document_id;
    const same = before.filter(isSame) as readonly Notification[];
    const kept = isSame(before[index]) ? before[index] : same.length === 1 ? same[0] : undefined;
    const keptAlert = (kept as Notification | undefined)?.alert;
    return keptAlert === undefined ? rest : { ...rest, type: action.type, alert: keptAlert };
  });
}
