/** Records whose every text is full of control characters, straight in a database: no command would write them so. */
import assert from 'node:assert/strict';

import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { approvalKey, APPROVAL_TASK_KEY } from '../../src/core/approval.ts';
import type { FlowRunInputId, StateId } from '../../src/core/ids.ts';
import { EVERYTHING } from '../../src/core/query.ts';
import { sampleState, sampleTaskRun } from '../../src/core/rules/fixtures/sample.ts';
import { createIdSource } from '../../src/platform/ids.ts';
import { makeActionOrder, makeAlert, makeAutomation, makeWebhook } from '../conformance/samples.ts';

type Storage = ReturnType<typeof openSqliteStorage>;

/**
 * Writes the clipboard, the title, a link, a colour; clears the screen; goes back; turns text around; C1, NUL, half a
 * character.
 */
export const HOSTILE =
  '\x1b]52;c;aGk=\x07\x1b]0;pwned\x1b\\\x1b]8;;http://evil\x07\x1b[38;5;99m\x1b[2J\b\b\x7f\x9b31m\x9d0;t\x9c\u202egpj\u2066\u200b\u2028\ud800';
/** @returns ids, by the names under which calls speak of them */
export async function writeHostileRecords(path: string): Promise<Readonly<Record<string, string>>> {
  const storage = openSqliteStorage({ path });
  try {
    return {
      '@automation': await actingAutomation(storage),
      '@asking': await askingRun(storage),
      '@webhook': await hostileWebhook(storage),
      '@alert': await hostileAlert(storage),
    };
  } finally {
    storage.close();
  }
}

/** The id of a task run that waits for an answer. */
async function askingRun(storage: Storage): Promise<string> {
  const flowRun = await storage.find('flow_run', { where: EVERYTHING, sort: [], limit: 1, offset: 0 });
  const flowRunId = flowRun[0]?.id ?? assert.fail('a flow has run');
  const state = { ...sampleState({ type: 'RUNNING' }), id: createIdSource().next<StateId>() };
  const run = sampleTaskRun(`approval: ${HOSTILE}`, state, {
    id: createIdSource().next(),
    flowRunId,
    taskKey: APPROVAL_TASK_KEY,
  });
  await storage.writeTaskRuns([{ run, states: [run.state] }], []);
  const request = { title: HOSTILE, description: HOSTILE, to: [HOSTILE], askedAt: 0, due: null };
  const form = { type: 'object', properties: { days: { type: 'integer', title: HOSTILE } } };
  const value = JSON.stringify({ ...request, form, reminderSeconds: null, hasDefault: false });
  const given = { id: createIdSource().next<FlowRunInputId>(), flowRunId, key: approvalKey(run.id, 'request'), value };
  await storage.insertFlowRunInput({ ...given, sender: null, createdAt: run.createdAt });
  return run.id;
}

/** As a file says it, with what no file may have left out. */
export function hostileAutomation(type: string): object {
  const said = HOSTILE.replaceAll('\0', '').toWellFormed();
  return {
    name: said,
    tags: [said],
    trigger: { expect: [said], match: { [said]: said } },
    actions: [{ type: type === HOSTILE ? said : type }],
  };
}

async function hostileWebhook(storage: Storage): Promise<string> {
  const webhook = makeWebhook(`hook${HOSTILE}`, { description: HOSTILE, template: `{"event": "${HOSTILE}"}` });
  await storage.changeWebhook({ id: webhook.id }, () => ({ webhook, answer: null }));
  return webhook.id;
}

async function hostileAlert(storage: Storage): Promise<string> {
  const made = makeAlert();
  const alert = {
    ...made,
    cause: HOSTILE,
    automations: [HOSTILE],
    affected: [{ id: HOSTILE, name: HOSTILE }],
    message: { subject: HOSTILE, body: HOSTILE },
    told: { ...made.told, receipt: HOSTILE },
  };
  await storage.changeAlert({ id: alert.id }, () => ({ alert, dueAt: null, answer: null }));
  return alert.id;
}

/** One that has acted. */
async function actingAutomation(storage: Storage): Promise<string> {
  const automation = makeAutomation(`watch${HOSTILE}`, {
    description: HOSTILE,
    tags: [HOSTILE],
    trigger: JSON.stringify({ type: 'event', expect: [HOSTILE] }),
    actions: { always: JSON.stringify([{ type: HOSTILE }]), onTrigger: '[]', onResolve: '[]' },
  });
  const { id, createdAt: now } = automation;
  const order = makeActionOrder(id);
  await storage.changeAutomation(id, () => ({ automation, answer: null }));
  await storage.insertActionOrders([{ ...order, action: JSON.stringify({ type: HOSTILE }) }], now);
  await storage.takeActionOrders({ now, leaseUntil: now, limit: 1, automationMax: 1, underWay: new Map() });
  await storage.endActionAttempt(order.id, 1, { receipt: { status: 'refused', text: HOSTILE }, at: now, events: [] });
  return id;
}
