/** Questions of flows to people, as they lie with their flow runs, on whatever server. */

import { CREATE_INPUT, DELETE_INPUT, FILTER_INPUTS } from '../../contract/flow-run-input.ts';
import { CREATE_EVENTS } from '../../contract/routes/events.ts';
import {
  approvalKey,
  approvalPrefix,
  approvalRecord,
  type ApprovalAnswer,
  type ApprovalRecord,
  type ApprovalRequest,
} from '../../core/approval.ts';
import type { FlowRunId, TaskRunId } from '../../core/ids.ts';
import { formatInstant, type Instant } from '../../core/time.ts';
import type { Absence } from './absence.ts';
import type { ControlPlane } from './plane.ts';

/** One approval: the flow run that asks, and its task run that waits. */
export interface ApprovalPlace {
  readonly flowRunId: FlowRunId;
  readonly id: TaskRunId;
}

/** What happened to an approval: `ostinato.approval.<what>`. */
export interface ApprovalEvent {
  /** The same for the same: told twice, it is one event. */
  readonly id: string;
  readonly what: 'requested' | 'reminded' | 'answered' | 'defaulted';
  readonly occurred: Instant;
  readonly title: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface ApprovalClient {
  /** Returns whether it was asked: `false` when it had been before. */
  ask(place: ApprovalPlace, request: ApprovalRequest): Promise<boolean>;
  read(place: ApprovalPlace): Promise<ApprovalRecord>;
  /** Returns whether this answer is the first. `not-found`: the run is gone. */
  answer(place: ApprovalPlace, answer: ApprovalAnswer): Promise<boolean>;
  /** Takes an answer back that does not fit. */
  withdraw(place: ApprovalPlace): Promise<void>;
  /** Returns whether this reminder is the first of its number. */
  remind(place: ApprovalPlace, number: number): Promise<boolean>;
  tell(place: ApprovalPlace, event: ApprovalEvent): Promise<void>;
}

/** More than an approval has, unless it is reminded of for years: then the newest are asked for. */
const PARTS_MAX = 1000;

export function approvalsOf(plane: ControlPlane): ApprovalClient {
  const give = async (
    { flowRunId, id }: ApprovalPlace,
    part: Parameters<typeof approvalKey>[1],
    value: object,
  ): Promise<boolean> => {
    const { status } = await plane.ask(CREATE_INPUT, {
      params: { id: await plane.runNames.remote(flowRunId) },
      body: { key: approvalKey(id, part), value: JSON.stringify(value), sender: null },
      expected: [409],
    });
    return status !== 409;
  };
  return {
    ask: (place, request) => give(place, 'request', request),
    answer: (place, answer) => give(place, 'answer', answer),
    remind: (place, number) => give(place, `reminder-${number}`, {}),
    async read({ flowRunId, id }) {
      const { plain } = await plane.ask(FILTER_INPUTS, {
        params: { id: await plane.runNames.remote(flowRunId) },
        body: { prefix: approvalPrefix(id), limit: PARTS_MAX },
      });
      return approvalRecord(id, Array.isArray(plain) ? plain : []);
    },
    async withdraw({ flowRunId, id }) {
      const params = { id: await plane.runNames.remote(flowRunId), key: approvalKey(id, 'answer') };
      await plane.ask(DELETE_INPUT, { params, expected: [404] });
    },
    async tell({ flowRunId, id }, { id: eventId, what, occurred, title, payload }) {
      const run = await plane.runNames.remote(flowRunId);
      await plane.ask(CREATE_EVENTS, {
        body: [
          {
            id: eventId,
            occurred: formatInstant(occurred),
            event: `ostinato.approval.${what}`,
            resource: { 'prefect.resource.id': `ostinato.approval.${id}`, 'prefect.resource.name': title },
            related: [{ 'prefect.resource.id': `prefect.flow-run.${run}`, 'prefect.resource.role': 'flow-run' }],
            payload,
          },
        ],
      });
    },
  };
}

/** A person's answer lies with the server: one that is away is waited for. */
export function tolerantApprovals(absence: Absence): ApprovalClient {
  return {
    ask: (...call) => absence.sure(({ approvals }) => approvals.ask(...call)),
    read: (...call) => absence.sure(({ approvals }) => approvals.read(...call)),
    answer: (...call) => absence.sure(({ approvals }) => approvals.answer(...call)),
    withdraw: (...call) => absence.sure(({ approvals }) => approvals.withdraw(...call)),
    remind: (...call) => absence.sure(({ approvals }) => approvals.remind(...call)),
    tell: (...call) => absence.sure(({ approvals }) => approvals.tell(...call)),
  };
}
