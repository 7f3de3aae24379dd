import type { CreateFlowRun, ProposeFlowRunState } from '../core/flow-run-request.ts';
import type { Flow, Labels } from '../core/flow-run.ts';
import type { FlowRunId, StateId, TaskRunId } from '../core/ids.ts';
import type { CreateTaskRun, SetTaskRunState } from '../core/task-run-request.ts';
import type { ShapeSpan } from '../core/task-run-groups.ts';
import type { Instant } from '../core/time.ts';
import { cancelBelow } from './cancel-below.ts';
import { continuePausedRun, type ContinuePausedRun } from './continue-paused-run.ts';
import { submitFlowRun } from './create-flow-run.ts';
import { createTaskRun } from './create-task-run.ts';
import { deleteSeenFlowRun } from './delete-flow-run.ts';
import { makingRoom } from './deployments/make-room.ts';
import { drawFlowRun, taskRunsOf } from './draw-flow-run.ts';
import { markLate } from './mark-late.ts';
import { cancelByForce, markFlowRun, markTaskRun, rescheduleFlowRun, type MarkRun } from './mark-run.ts';
import type { OrchestratorPorts } from './ports.ts';
import { readGroup, readInside, readInsideRows, type GroupPlace } from './run-inside.ts';
import { foretellCancelling, foretellDeletion, foretellRetry } from './run-outlook.ts';
import { setFlowRunState } from './set-flow-run-state.ts';
import { setTaskRunState } from './set-task-run-state.ts';
import { labelFlowRun } from './update-flow-run.ts';
import { deleteTaskRun, renameTaskRun } from './update-task-run.ts';
import { checkForm, checkTemplate } from './user-texts.ts';

/** What can be done with runs over the API, bound to its ports. */
export function runUseCases(ports: OrchestratorPorts) {
  const { storage } = ports;
  return {
    submitFlowRun: (request: CreateFlowRun, flow: Flow) => submitFlowRun(ports, request, flow),
    setFlowRunState: (request: ProposeFlowRunState) => makingRoom(ports, setFlowRunState(ports, request)),
    continuePausedRun: (request: ContinuePausedRun) => continuePausedRun(ports, request),
    foretellRetry: (id: FlowRunId) => foretellRetry(ports, id),
    foretellCancelling: (id: FlowRunId) => foretellCancelling(ports, id),
    foretellDeletion: (id: FlowRunId) => foretellDeletion(ports, id),
    rescheduleFlowRun: (id: FlowRunId, seen: StateId) => rescheduleFlowRun(ports, id, seen),
    cancelByForce: (id: FlowRunId) => cancelByForce(ports, id),
    deleteSeenFlowRun: (id: FlowRunId, seen: StateId) => deleteSeenFlowRun(ports, id, seen),
    markFlowRun: (request: MarkRun<FlowRunId>) => markFlowRun(ports, request),
    markTaskRun: (request: MarkRun<TaskRunId>) => markTaskRun(ports, request),
    labelFlowRun: (id: FlowRunId, labels: Labels) => labelFlowRun(ports, id, labels),
    drawFlowRun: (id: FlowRunId, since: Instant | null) => drawFlowRun(ports, id, since),
    readInside: (id: FlowRunId) => readInside(ports, id),
    readGroup: (id: FlowRunId, shapes: ShapeSpan, place: GroupPlace, limit: number) =>
      readGroup(ports, id, shapes, place, limit),
    readInsideRows: (id: FlowRunId, page: Parameters<typeof readInsideRows>[2]) => readInsideRows(ports, id, page),
    taskRunsOf: (id: FlowRunId, max: number) => taskRunsOf(ports, id, max),

    checkForm: (request: Parameters<typeof checkForm>[1]) => checkForm(ports, request),
    checkTemplate: (template: string) => checkTemplate(ports, template),

    createTaskRun: (request: CreateTaskRun) => createTaskRun(ports, request),
    setTaskRunState: (request: SetTaskRunState) => setTaskRunState(ports, request),
    renameTaskRun: (id: TaskRunId, name: string | null) => renameTaskRun(ports, id, name),
    deleteTaskRun: (id: TaskRunId) => deleteTaskRun(ports, id),

    listCancelledRuns: (since: Instant, page: Parameters<typeof storage.listCancelledRuns>[1]) =>
      storage.listCancelledRuns(since, page),
    cancelBelow: (id: FlowRunId) => cancelBelow(ports, id),
    markLate: (before: Instant) => markLate(ports, before),
  };
}
