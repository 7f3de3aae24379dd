/** What an application of a file changes, and what it leaves, in words. */

import type { DeploymentMergeChange } from '../../contract/deployment-version.ts';
import { wireText } from '../../contract/wire-json.ts';
import { describe, type DescribedSchedule } from './describe-schedule.ts';

const SHOWN_MAX = 60;
const SCHEDULE = /^schedules\./;
const PART = /\.(times|active|parameters|policy|jitter|start|end|exclusions)$/;

export function describeChange(change: DeploymentMergeChange): string {
  const { path, how, base, current, wanted } = change;
  const isWhole = SCHEDULE.test(path) && !PART.test(path);
  const name = isWhole ? `schedule ${scheduleIn(change)}` : path.replace(SCHEDULE, 'schedule ');
  if (how === 'set') {
    if (isWhole && current === null) return `+ ${name}`;
    if (isWhole) return `- ${name}`;
    return `${name}: ${short(current)} → ${short(wanted)}`;
  }
  const hand = isWhole ? (current === null ? 'taken away by hand' : 'added by hand') : `${short(current)} by hand`;
  if (how === 'conflict') return `! ${name}: was ${short(base)}, is ${hand}, the file says ${short(wanted)}`;
  const file = wanted === null ? '' : isWhole ? '' : `; the file says ${short(wanted)}`;
  return `= ${name} stays: ${hand}${file}`;
}

function scheduleIn({ path, current, wanted }: DeploymentMergeChange): string {
  const schedule = (wanted ?? current) as (DescribedSchedule & { readonly slug?: string | null }) | null;
  if (schedule === null || typeof schedule !== 'object') return path.replace(SCHEDULE, '');
  return `${describe(schedule)}${schedule.slug ? ` (${schedule.slug})` : ''}`;
}

function short(value: unknown): string {
  const text = value === undefined ? 'nothing' : wireText(value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX - 1)}…` : text;
}
