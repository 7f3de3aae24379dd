/** The versions of a deployment on our own pages: see `contract/routes/ui-deployment-versions.ts`. */

import { encodeVersionFacts } from '../contract/deployment-version.ts';
import { UI_DEPLOYMENT_VERSIONS } from '../contract/routes/ui-deployment-versions.ts';
import { documentOf, type DeploymentDocument } from '../core/deployment-definition.ts';
import { differencesBetween, type Difference } from '../core/deployment-differences.ts';
import { OstinatoError } from '../core/errors.ts';
import type { DeploymentId } from '../core/ids.ts';
import { formatSchedule } from '../core/schedules/format-schedule.ts';
import type { Schedule } from '../core/schedules/schedule.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import { found, ok, operation, type Operation } from './operation.ts';
import type { PageParts } from './ui-rows.ts';

export function uiDeploymentVersionOperations({ useCases, clock }: PageParts): readonly Operation[] {
  return [
    operation(UI_DEPLOYMENT_VERSIONS, async ({ params, body }) => {
      const id = params['id'] as DeploymentId;
      const asOf = formatInstant(clock.now());
      const current = documentOf(found(await useCases.readDeployment({ id }), 'Deployment'));
      const versions = await useCases.listVersions(id);
      const sideOf = (number: number | null | undefined): DeploymentDocument => {
        if (number === null || number === undefined) return current;
        const version = versions.find((each) => each.number === number);
        if (version !== undefined) return version.became;
        throw new OstinatoError('not-found', `There is no version ${number} of the deployment any more.`);
      };
      const [newest] = versions;
      return ok({
        as_of: asOf,
        versions: versions.map(encodeVersionFacts),
        differences: differencesBetween(sideOf(body.from), sideOf(body.to)).map(inWords),
        drift: newest === undefined ? [] : differencesBetween(newest.became, current).map(inWords),
      });
    }),
  ];
}

/** Schedules in words, as everywhere on the pages. */
function inWords({ path, from, to }: Difference): Difference {
  const [left, right] = path.startsWith('schedules.') ? [scheduleIn(from), scheduleIn(to)] : [from, to];
  // Words leave the anchor of an interval out.
  return left === right ? { path, from, to } : { path, from: left, to: right };
}

interface WrittenTimes {
  readonly cron?: string;
  readonly dayOr?: boolean;
  readonly interval?: number;
  readonly anchorDate?: Instant;
  readonly rrule?: string;
  readonly timezone?: string | null;
  readonly active?: boolean;
  readonly parameters?: string;
}

/** @param text JSON of a schedule or of its times; anything else stays as it is */
function scheduleIn(text: string | null): string | null {
  const written = text === null ? null : (JSON.parse(text) as WrittenTimes | null);
  if (written === null || typeof written !== 'object') return text;
  const {
    cron,
    dayOr = true,
    interval,
    anchorDate = 0 as Instant,
    rrule,
    timezone = null,
    active,
    parameters,
  } = written;
  const schedule: Schedule | null =
    cron !== undefined
      ? { kind: 'cron', cron, timezone, dayOr }
      : interval !== undefined
        ? { kind: 'interval', interval, anchorDate, timezone }
        : rrule !== undefined
          ? { kind: 'rrule', rrule, timezone }
          : null;
  if (schedule === null) return text;
  const more = parameters === undefined || parameters === '{}' ? '' : `, with ${parameters}`;
  return `${formatSchedule(schedule)}${active === false ? ', paused' : ''}${more}`;
}
