/** Actions of people on a run, from our own pages: see `contract/routes/ui-actions.ts`. */

import { parseBounded, PLAIN_BODY } from '../contract/json-bounds.ts';
import {
  PLAN_LINES_MAX,
  UI_CANCEL,
  UI_DELETE,
  UI_FORETELL_CANCEL,
  UI_FORETELL_DELETE,
  UI_FORETELL_RETRY,
  UI_MARK_FLOW_RUN,
  UI_MARK_TASK_RUN,
  UI_RESUME,
  UI_RESUME_FORM,
  UI_RETRY,
} from '../contract/routes/ui-actions.ts';
import { rawJson } from '../contract/wire-json.ts';
import { OstinatoError } from '../core/errors.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { FlowRunId, StateId, TaskRunId } from '../core/ids.ts';
import { countSteps, groupPlan, type PlannedStep } from '../core/resume-plan.ts';
import type { TaskRun } from '../core/task-run.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { clientOf } from './client.ts';
import { found, NO_CONTENT, ok, operation, type Operation } from './operation.ts';

interface ActionParts {
  readonly useCases: UseCases;
}

export function uiActionOperations(parts: ActionParts): readonly Operation[] {
  return [...retryOperations(parts), ...endOperations(parts), ...markOperations(parts), ...resumeOperations(parts)];
}

function idOf({ params }: { readonly params: Readonly<Record<string, string>> }): FlowRunId {
  return params['id'] as FlowRunId;
}

/** Ids on the wire may be in any case; ours are in lower case. */
function seenIn({ seen_state_id: id }: { readonly seen_state_id: string }): StateId {
  return id.toLowerCase() as StateId;
}

function moved({ id, state }: FlowRun | TaskRun): object {
  return { id, state_id: state.id, state_type: state.type, state_name: state.name };
}

function retryOperations({ useCases }: ActionParts): readonly Operation[] {
  return [
    operation(UI_FORETELL_RETRY, async (call) => {
      const { run, way, reason, root, plan } = found(await useCases.foretellRetry(idOf(call)), 'Flow run');
      return ok({
        way,
        reason,
        root: root && { id: root.id, name: root.name },
        command: way === 'process' ? ['ostinato', 'flow-run', 'retry', run.id] : null,
        plan: plan && encodePlan(plan),
      });
    }),
    operation(UI_RETRY, async (call) => ok(moved(await useCases.rescheduleFlowRun(idOf(call), seenIn(call.body))))),
  ];
}

function encodePlan(steps: readonly PlannedStep[]): object {
  const lines = groupPlan(steps);
  return {
    counts: countSteps(steps),
    lines: lines
      .slice(0, PLAN_LINES_MAX)
      .map(({ step: { run, action }, runs, reason }) => ({
        task_run_id: run.id,
        name: runs === 1 ? run.name : run.taskName,
        runs,
        action,
        reason,
      })),
    lines_left_out: Math.max(0, lines.length - PLAN_LINES_MAX),
  };
}

function endOperations({ useCases }: ActionParts): readonly Operation[] {
  return [
    operation(UI_FORETELL_CANCEL, async (call) => ok(found(await useCases.foretellCancelling(idOf(call)), 'Flow run'))),
    operation(UI_CANCEL, async (call) => {
      if (call.body.force === true) return ok(moved(await useCases.cancelByForce(idOf(call))));
      const answer = await useCases.cancelFlowRun(idOf(call));
      const { state } = answer.run;
      if (state.type === 'CANCELLING' || state.type === 'CANCELLED') return ok(moved(answer.run));
      throw new OstinatoError('conflict', 'reason' in answer ? answer.reason : `It is ${state.name} now.`);
    }),
    operation(UI_FORETELL_DELETE, async (call) => {
      const { taskRuns, subflowRuns, logs, artifacts, isMore } = found(
        await useCases.foretellDeletion(idOf(call)),
        'Flow run',
      );
      return ok({ task_runs: taskRuns, subflow_runs: subflowRuns, logs, artifacts, is_more: isMore });
    }),
    operation(UI_DELETE, async (call) => {
      await useCases.deleteSeenFlowRun(idOf(call), seenIn(call.body));
      return NO_CONTENT;
    }),
  ];
}

function markOperations({ useCases }: ActionParts): readonly Operation[] {
  return [
    operation(UI_MARK_FLOW_RUN, async (call) => {
      const { type, message, force } = call.body;
      return ok(
        moved(
          await useCases.markFlowRun({
            id: idOf(call),
            seen: seenIn(call.body),
            type,
            message: message || null,
            force: force ?? false,
          }),
        ),
      );
    }),
    operation(UI_MARK_TASK_RUN, async (call) => {
      const { type, message, force } = call.body;
      return ok(
        moved(
          await useCases.markTaskRun({
            id: call.params['id'] as TaskRunId,
            seen: seenIn(call.body),
            type,
            message: message || null,
            force: force ?? false,
          }),
        ),
      );
    }),
  ];
}

function resumeOperations({ useCases }: ActionParts): readonly Operation[] {
  return [
    operation(UI_RESUME_FORM, async (call) => {
      const { state } = found(await useCases.readFlowRun(idOf(call)), 'Flow run');
      const keys = state.type === 'PAUSED' ? state.details.runInputKeyset : undefined;
      if (keys === undefined) return ok({ asks: false, schema: null, description: null });
      const read = async (key: string | undefined): Promise<string | null> =>
        key === undefined ? null : ((await useCases.readInput(idOf(call), key))?.value ?? null);
      const [schema, description] = [await read(keys['schema']), textIn(await read(keys['description']))];
      return ok({
        asks: true,
        schema: schema !== null && parsed(schema) !== undefined ? rawJson(schema) : null,
        description,
      });
    }),
    operation(UI_RESUME, async (call) => {
      const answer = await useCases.continuePausedRun({
        id: idOf(call),
        input: call.exact['run_input'] ?? null,
        client: clientOf(call.headers),
        onlyFrom: seenIn(call.body),
      });
      switch (answer.status) {
        case 'accept':
          return ok({ refused: null, problems: [] });
        case 'bad-input':
          return ok({ refused: answer.reason, problems: answer.problems });
        case 'not-paused':
          throw new OstinatoError('conflict', 'It is not paused any more, or at another place now. Nothing was done.');
        default:
          throw new OstinatoError('conflict', answer.reason);
      }
    }),
  ];
}

/** Clients keep the description as JSON text, or as it is. */
function textIn(kept: string | null): string | null {
  const value = kept === null ? null : parsed(kept);
  return typeof value === 'string' ? value : kept;
}

/** `undefined`: it is not JSON, or too large to parse. */
function parsed(text: string): unknown {
  try {
    return parseBounded(text, PLAIN_BODY.valuesMax);
  } catch {
    return undefined;
  }
}
