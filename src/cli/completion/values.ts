/**
 * `ostinato __complete SHELL KIND [WORD]`, which the completion scripts call: the values that are there, one a line.
 *
 * 1. It is quick or silent: whatever fails, and what takes longer than a moment, offers nothing.
 * 2. It changes nothing, and makes no database where there is none.
 * 3. What is offered can be typed: no control characters; for bash, quoted.
 */
import { existsSync } from 'node:fs';

import { LEVEL_NAMES, STATE_NAMES } from '../arguments.ts';
import { askControl } from '../../client/control/by-name.ts';
import type { OstinatoClient } from '../../client/port.ts';
import { printableLine } from '../../core/printable.ts';
import { shellWord } from '../../core/shell-word.ts';
import { locateProfile } from '../../platform/settings.ts';
import { SETTING_NAMES, SETTINGS } from '../../platform/settings-table.ts';
import { poolsOf } from '../../client/control/pools.ts';
import { alertsOf } from '../../client/control/alerts.ts';
import { automationsOf } from '../../client/control/automations.ts';
import { backfillsOf } from '../../client/control/backfills.ts';
import { withClient } from '../open-client.ts';
import { withPlane } from '../open-plane.ts';
import { loadSettings } from '../settings.ts';
import type { Terminal } from '../terminal.ts';
import type { ValueKind } from './value-kinds.ts';

const MS_MAX = 2_000;
/** The newest; more would not be looked through. */
const OFFERED_MAX = 200;

export async function completeValues(words: readonly string[], terminal: Terminal): Promise<number> {
  const [shell = '', kind = '', typed = ''] = words;
  // Whatever hangs (a server that does not answer, a locked file) ends with the process.
  const timer = setTimeout(() => process.exit(0), MS_MAX);
  try {
    const silent: Terminal = { ...terminal, err: () => {} };
    const values = await valuesOf(kind as ValueKind, silent);
    const begun = shell === 'bash' ? unquoted(typed) : typed;
    const offered = [...new Set(values)].filter(
      (value) => value !== '' && printableLine(value) === value && value.startsWith(begun) && !value.startsWith('-'),
    );
    terminal.out(
      offered
        .slice(0, OFFERED_MAX)
        .map((value) => `${shell === 'bash' ? shellWord(value) : value}\n`)
        .join(''),
    );
  } catch {
    /* Nothing is offered. */
  }
  clearTimeout(timer);
  return 0;
}

async function valuesOf(kind: ValueKind, terminal: Terminal): Promise<readonly string[]> {
  const place = { environment: terminal.environment, workingDirectory: terminal.workingDirectory };
  switch (kind) {
    case 'states':
      return STATE_NAMES;
    case 'levels':
      return LEVEL_NAMES;
    case 'settings':
      return SETTING_NAMES.map((name) => SETTINGS[name].key);
    case 'profiles':
      return [...locateProfile(place).profiles.byName.keys()];
    case 'deployments':
    case 'pools':
    case 'queues':
    case 'backfills':
    case 'automations':
    case 'alerts':
      return isThere(terminal) ? await namesOf(kind, terminal) : [];
    default:
      return isThere(terminal)
        ? await withClient(terminal, ({ client }) => recorded(kind, client), { lookAfterLostRuns: false })
        : [];
  }
}

async function namesOf(
  kind: 'deployments' | 'pools' | 'queues' | 'backfills' | 'automations' | 'alerts',
  terminal: Terminal,
): Promise<readonly string[]> {
  return await withPlane(terminal, async ({ deployments, plane }) => {
    const page = { limit: OFFERED_MAX };
    if (kind === 'pools') return (await poolsOf(plane).listPools(page)).map(({ plain }) => plain.name);
    if (kind === 'queues') return (await poolsOf(plane).listQueues(null, page)).map(({ plain }) => plain.name);
    if (kind === 'backfills') return (await backfillsOf(plane).list(page)).map(({ plain }) => plain.name);
    if (kind === 'automations') return (await automationsOf(plane).list(page)).map(({ plain }) => plain.name);
    if (kind === 'alerts')
      return (await alertsOf(plane).list({ ...page, states: ['open', 'acknowledged'] })).map(({ plain }) => plain.id);
    const rows = await deployments.list(page);
    const flowNames = await deployments.flowNames(rows.map(({ plain }) => plain.flow_id));
    return rows.map(({ plain }) => `${flowNames.get(plain.flow_id) ?? ''}/${plain.name}`);
  });
}

/** Looking must not make a database. */
function isThere(terminal: Terminal): boolean {
  const { apiUrl, databaseUrl } = loadSettings(terminal).values;
  return apiUrl !== null || existsSync(databaseUrl.replace(/^sqlite:(?:\/\/(?=\/))?/, ''));
}

interface Named {
  readonly name: string;
}

async function recorded(kind: ValueKind, client: OstinatoClient): Promise<readonly string[]> {
  const page = { limit: OFFERED_MAX };
  switch (kind) {
    case 'runs':
      return (await client.list('flow_run', page)).map(typable);
    case 'tasks':
      return (await client.list('task_run', page)).map(typable);
    case 'flows':
      return (await client.list('flow_summary', page)).map(({ name }) => name);
    case 'artifacts':
      return (await client.control.artifacts.list({ latest: true }, page)).flatMap(({ key }) => key ?? []);
    default:
      return ((await askControl(client.control, kind, 'list', [page])) as readonly Named[]).map(({ name }) => name);
  }
}

/** A run whose name cannot be typed is named by its id. */
function typable({ id, name }: { readonly id: string; readonly name: string }): string {
  return name === '' || name.startsWith('-') || printableLine(name) !== name ? id : name;
}

/** What is being typed may be inside of quotes, or have backslashes. */
function unquoted(word: string): string {
  if (word.startsWith("'")) return word.slice(1).replaceAll("'\\''", "'").replace(/'$/, '');
  return word.replace(/^"/, '').replace(/"$/, '').replaceAll(/\\(.)/g, '$1');
}
