import {
  ACKNOWLEDGE_ALERT,
  ACKNOWLEDGE_BY_LINK,
  CLOSE_ALERT,
  encodeAlert,
  LIST_ALERTS,
  READ_ALERT,
  SHOW_ACKNOWLEDGEMENT,
  SNOOZE_ALERT,
} from '../contract/alert.ts';
import { LIMIT_DEFAULT } from '../contract/route.ts';
import type { Alert, AlertId } from '../core/alerts/alert.ts';
import { printable } from '../core/printable.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { acknowledgedPage, askingPage, invalidLinkPage } from './alert-pages.ts';
import { actorOf } from './client.ts';
import { found, ok, operation, type Answer, type Operation } from './operation.ts';

type Params = Readonly<Record<string, string>>;

export function alertOperations(useCases: UseCases): readonly Operation[] {
  return [
    operation(LIST_ALERTS, async ({ body: { states, after, limit } }) => {
      const last = after === undefined || after === null ? null : await useCases.readAlert(after as AlertId);
      if (after && last === null) found(null, 'Alert');
      const alerts = await useCases.listAlerts({
        ...(states ? { states } : {}),
        ...(last === null ? {} : { after: last }),
        limit: limit ?? LIMIT_DEFAULT,
      });
      return ok(alerts.map(encodeAlert));
    }),
    operation(READ_ALERT, async ({ params }) => shown(await useCases.readAlert(idOf(params)))),
    operation(ACKNOWLEDGE_ALERT, async ({ params, body, headers }) =>
      shown(await useCases.acknowledgeAlert(idOf(params), printable(body.by ?? actorOf(headers).by ?? 'somebody'))),
    ),
    operation(CLOSE_ALERT, async ({ params }) => shown(await useCases.closeAlert(idOf(params)))),
    operation(SNOOZE_ALERT, async ({ params, body }) => shown(await useCases.snoozeAlert(idOf(params), body.seconds))),
    // Scanners of mail and chat open links: looking changes nothing.
    operation(SHOW_ACKNOWLEDGEMENT, async ({ params, query }) => {
      const alert = await useCases.alertOfLink(idOf(params), query);
      return alert === null ? invalidLinkPage() : askingPage(alert);
    }),
    operation(ACKNOWLEDGE_BY_LINK, async ({ params, query }) => {
      const alert = await useCases.alertOfLink(idOf(params), query);
      if (alert === null) return invalidLinkPage();
      return acknowledgedPage((await useCases.acknowledgeAlert(alert.id, 'the link in its message')) ?? alert);
    }),
  ];
}

function idOf(params: Params): AlertId {
  return params['id'] as AlertId;
}

function shown(alert: Alert | null): Answer {
  return ok(encodeAlert(found(alert, 'Alert')));
}
