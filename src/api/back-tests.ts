import { BACK_TEST, encodeCountedWindow, type BackTestAnswer, type BackTestFiring } from '../contract/back-test.ts';
import { instantOrNull, readInstant } from '../contract/encode/instant.ts';
import { LIMIT_DEFAULT } from '../contract/route.ts';
import type { Automation, AutomationId } from '../core/automation.ts';
import type { PassedOver } from '../core/automations/automation-set.ts';
import { OstinatoError } from '../core/errors.ts';
import { RESOURCE_ID } from '../core/event.ts';
import type { EventId, IdSource } from '../core/ids.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import type { BackTestSlice, EventVerdict, ToldFiring } from '../orchestrator/automation-triggers/back-test.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { readBody } from './automations.ts';
import { found, ok, operation, type Operation } from './operation.ts';
import { queryOf } from './lists.ts';

/** One that is not kept has this id; its triggers are numbered. */
const NOT_KEPT = '00000000-0000-4000-8000-000000000000';

export function backTestOperation(useCases: UseCases): Operation {
  return operation(BACK_TEST, async ({ body, exact }) => {
    const since = readInstant(body.since);
    const { automation_id: id = null, automation: sent = null, until = null } = body;
    if ((id === null) === (sent === null))
      throw new OstinatoError('bad-input', 'Say either which automation is tested, or what it is.');
    const automation =
      sent === null
        ? found(await readAutomation(useCases, String(id)), 'Automation')
        : await unkept(useCases, sent, exact['automation'] as Body, since);
    const answer = await useCases.backTest({
      automation,
      since,
      until: until === null ? null : readInstant(until),
      firingsMax: body.limit ?? LIMIT_DEFAULT,
      isPreviewed: body.preview ?? false,
      eventId: (body.event_id ?? null) as EventId | null,
      firingId: body.firing_id ?? null,
      continuation: body.continuation ?? null,
    });
    return ok(encode(automation.id, answer));
  });
}

type Body = Readonly<Record<string, unknown>>;

async function readAutomation(useCases: UseCases, id: string): Promise<Automation | null> {
  const [row] = await useCases.find('automation', queryOf({ op: 'eq', field: 'id', value: id }, [], { limit: 1 }));
  return row ?? null;
}

/** @throws what is wrong with it, as when it is made */
async function unkept(useCases: UseCases, sent: Body, exact: Body, since: Instant): Promise<Automation> {
  let made = 0;
  // The same in each call of a test.
  const ids = { next: () => `${NOT_KEPT.slice(0, -6)}${String((made += 1)).padStart(6, '0')}` } as IdSource;
  const read = await readBody({ useCases, ids }, sent, exact);
  return {
    id: NOT_KEPT as AutomationId,
    name: String(sent['name']),
    description: '',
    isEnabled: true,
    tags: [],
    trigger: JSON.stringify(read.trigger),
    actions: {
      always: JSON.stringify(read.actions),
      onTrigger: JSON.stringify(read.actionsOnTrigger ?? []),
      onResolve: JSON.stringify(read.actionsOnResolve ?? []),
    },
    createdAt: since,
    updatedAt: since,
  };
}

function encode(id: AutomationId, answer: BackTestSlice): BackTestAnswer {
  const { firings, firedCount, nearMisses, nearMissCount, verdicts, eventCount, at, progress } = answer;
  return {
    automation_id: id,
    since: formatInstant(answer.since),
    until: formatInstant(answer.until),
    firings: firings.map(encodeFiring),
    fired: firedCount,
    near_misses: nearMisses.map(encodeCountedWindow),
    missed: nearMissCount,
    verdicts: verdicts.map(encodeVerdict),
    events: eventCount,
    at: instantOrNull(at),
    progress,
    ended_early: answer.endedEarly,
    hints: answer.hints.map(({ triggerId, what, label, expected, count, nearest }) => ({
      trigger_id: triggerId,
      what,
      label,
      expected: [...expected],
      count,
      nearest: [...nearest],
    })),
    continuation: answer.continuation,
  };
}

function encodeFiring({ fired, windows, actions }: ToldFiring): BackTestFiring {
  const { firing, event } = fired;
  return {
    id: firing.id,
    at: formatInstant(firing.at),
    labels: firing.labels,
    event: event && {
      id: event.id,
      name: event.name,
      occurred: formatInstant(event.occurred),
      resource_id: event.resource[RESOURCE_ID] ?? '',
    },
    windows: windows.map(encodeCountedWindow),
    actions: actions.map(({ index, type, target, texts, refusal }) => ({ index, type, target, texts, refusal })),
  };
}

function encodeVerdict({ triggerId, passedOver, happenings }: EventVerdict): BackTestAnswer['verdicts'][number] {
  return {
    trigger_id: triggerId,
    passed_over: passedOver && encodePassedOver(passedOver),
    happenings: happenings.map(({ happening, labels, firingId }) => {
      const window = 'window' in happening ? happening.window : null;
      return {
        what: happening.what,
        labels,
        start: instantOrNull(window?.start ?? null),
        end: instantOrNull(window?.end ?? null),
        count: window && Math.max(0, window.count),
        firing_id: firingId,
      };
    }),
  };
}

function encodePassedOver(over: PassedOver) {
  if (over.what === 'received')
    return { what: over.what, label: '', expected: [formatInstant(over.expected)], actual: formatInstant(over.actual) };
  const { what, label, expected, actual } = over;
  return { what, label, expected: [...expected], actual };
}
