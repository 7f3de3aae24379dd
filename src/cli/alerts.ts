/** `ostinato alert`: lists, shows, acknowledges, snoozes and closes alerts. */

import { alertsOf, type AlertClient } from '../client/control/alerts.ts';
import type { Alert } from '../contract/alert.ts';
import { readInstant } from '../contract/encode/instant.ts';
import type { BothViews } from '../contract/wire-json.ts';
import type { Instant } from '../core/time.ts';
import type { ListAlertsOptions } from './commands/alert.ts';
import { showAgo, timeOf } from './format.ts';
import { withPlane } from './open-plane.ts';
import { printResult, type OutputOptions } from './output.ts';
import { printRows, renderFacts, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';

type Output = OutputOptions['output'];

async function withAlerts(
  terminal: Terminal,
  work: (alerts: AlertClient, now: Instant) => Promise<void>,
): Promise<void> {
  await withPlane(terminal, ({ plane, clock }) => work(alertsOf(plane), clock.now()));
}

export async function listAlerts(terminal: Terminal, { output, limit, state }: ListAlertsOptions): Promise<void> {
  await withAlerts(terminal, async (alerts, now) => {
    const columns: Column<Alert>[] = [
      { title: 'ID', text: ({ id }) => id, is: 'whole' },
      { title: 'STATE', text: ({ state: is }) => is },
      { title: 'SEVERITY', text: ({ severity }) => severity, drops: 2 },
      { title: 'TIMES', text: ({ count }) => String(count), align: 'right' },
      { title: 'LAST', text: ({ repeated }) => showAgo(readInstant(repeated), now), drops: 1 },
      { title: 'CAUSE', text: ({ cause }) => cause, shrinks: true, drops: 3 },
    ];
    const states = state === 'any' ? undefined : state === undefined ? (['open', 'acknowledged'] as const) : [state];
    const none = state === undefined ? 'No alerts are open.' : 'No such alerts.';
    printRows(terminal, output, await alerts.list({ limit, states }), { columns, none });
  });
}

export async function inspectAlert(terminal: Terminal, word: string, output: Output): Promise<void> {
  await withAlerts(terminal, async (alerts) => {
    const { plain, exact } = await alerts.find(word);
    printResult(terminal, output, exact, () => renderFacts(factsOf(plain), terminal).trimEnd());
  });
}

function factsOf(alert: Alert): [string, string][] {
  const { affected, affected_count: count } = alert;
  const names = affected.map(({ name, id }) => (name === '' ? id : name)).join(', ');
  const timed = (title: string, at: string | null): [string, string][] => (at === null ? [] : [[title, timeOf(at)]]);
  return [
    ['id', alert.id],
    ['state', alert.state],
    ['severity', alert.severity],
    ['subject', alert.subject ?? ''],
    ['cause', alert.cause],
    ['times', String(alert.count)],
    ['affected', count > affected.length ? `${names} and ${count - affected.length} more` : names],
    ['automations', alert.automations.join(', ')],
    ['opened', timeOf(alert.opened)],
    ['last', timeOf(alert.repeated)],
    ...timed('acknowledged', alert.acknowledged),
    ...(alert.acknowledged_by === null ? [] : ([['by', alert.acknowledged_by]] as [string, string][])),
    ...timed('snoozed until', alert.snoozed_until),
    ...timed('over', alert.closed),
    ['escalated', String(alert.escalated)],
    ['messages', String(alert.messages)],
    ...(alert.receipt === '' ? [] : ([['last message', alert.receipt]] as [string, string][])),
  ];
}

async function change(
  terminal: Terminal,
  word: string,
  output: Output,
  work: (alerts: AlertClient, id: string) => Promise<{ readonly alert: BothViews<Alert>; readonly said: string }>,
): Promise<void> {
  await withAlerts(terminal, async (alerts) => {
    const { alert, said } = await work(alerts, (await alerts.find(word)).plain.id);
    const { state, id } = alert.plain;
    const isOver = alert.plain.closed !== null && said !== 'is closed';
    printResult(terminal, output, alert.exact, () =>
      isOver ? `Alert ${id} is ${state} already.` : `Alert ${id} ${said}.`,
    );
  });
}

export async function acknowledgeAlert(
  terminal: Terminal,
  word: string,
  { by, output }: OutputOptions & { readonly by: string | undefined },
): Promise<void> {
  await change(terminal, word, output, async (alerts, id) => {
    const alert = await alerts.acknowledge(id, by);
    return { alert, said: `is acknowledged by ${alert.plain.acknowledged_by ?? 'somebody'}` };
  });
}

export async function snoozeAlert(
  terminal: Terminal,
  word: string,
  { seconds, output }: OutputOptions & { readonly seconds: number },
): Promise<void> {
  await change(terminal, word, output, async (alerts, id) => {
    const alert = await alerts.snooze(id, Math.ceil(seconds));
    const until = alert.plain.snoozed_until;
    return { alert, said: until === null ? 'is told again' : `is not told of until ${timeOf(until)}` };
  });
}

export async function closeAlert(terminal: Terminal, word: string, output: Output): Promise<void> {
  await change(terminal, word, output, async (alerts, id) => ({ alert: await alerts.close(id), said: 'is closed' }));
}
