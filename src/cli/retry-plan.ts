/** What a retry would do with each recorded step, from the record and the code as it is now. */
import type { OstinatoClient } from '../client/port.ts';
import type * as wire from '../contract/schema/resume-plan.ts';
import type { FlowRun } from '../core/flow-run.ts';
import type { TaskRunId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
import {
  countSteps,
  groupPlan,
  planResume,
  type PlanLine,
  type PlannedStep,
  type StepAction,
  type StepOnRecord,
} from '../core/resume-plan.ts';
import type { TaskRun } from '../core/task-run.ts';
import { plural } from '../core/why-phrases.ts';
import { lookForCallSite } from '../platform/call-site-lookup.ts';
import type { DefinitionsNow } from '../sdk/flow-file.ts';
import { stateColour } from './format.ts';
import { renderTable, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface RetryPlan {
  readonly run: FlowRun;
  /** Whether the flow's source has changed since the run was created. */
  readonly hasFlowChanged: boolean;
  /** In order of creation. */
  readonly steps: readonly PlannedStep[];
}

const PAGE = 1000;

export async function makePlan(
  client: OstinatoClient,
  run: FlowRun,
  definitions: DefinitionsNow,
  workingDirectory: string,
): Promise<RetryPlan> {
  const recorded: StepOnRecord[] = [];
  for (const taskRun of await readTaskRuns(client, run)) {
    recorded.push({
      run: taskRun,
      sourceHashes: definitions.sourceHashes.get(taskRun.taskKey) ?? [],
      isOneOfSeveral: definitions.severalKeys.has(taskRun.taskKey),
      callSite: lookForCallSite(taskRun.callSite, definitions.files, workingDirectory),
      isResultReadable: await isReadable(client, taskRun),
    });
  }
  return {
    run,
    hasFlowChanged: run.flowVersion !== null && run.flowVersion !== definitions.flow.definition.version,
    steps: planResume(recorded),
  };
}

async function readTaskRuns(client: OstinatoClient, { id }: FlowRun): Promise<TaskRun[]> {
  const all: TaskRun[] = [];
  for (let after: TaskRunId | undefined; ;) {
    const page = await client.list('task_run', {
      where: matching({ flowRunId: id }),
      direction: 'asc',
      limit: PAGE,
      after,
    });
    all.push(...page);
    after = page.at(-1)?.id;
    if (page.length < PAGE) return all;
  }
}

async function isReadable(client: OstinatoClient, { state }: TaskRun): Promise<boolean> {
  if (state.type !== 'COMPLETED' || state.data?.kind !== 'stored') return true;
  return (await client.results.read(state.data.key)) !== null;
}

export function encodePlan({ run, hasFlowChanged, steps }: RetryPlan): wire.ResumePlan {
  return {
    flow_run_id: run.id,
    flow_run_name: run.name,
    flow_name: run.flowName,
    flow_source_changed: hasFlowChanged,
    counts: countSteps(steps),
    steps: steps.map(({ run: step, action, reason, ifUnchanged }) => ({
      task_run_id: step.id,
      name: step.name,
      task_name: step.taskName,
      call_site: step.callSite,
      map_id: step.mapId,
      state_type: step.state.type,
      state_name: step.state.name,
      action,
      reason,
      if_unchanged: [...ifUnchanged],
    })),
  };
}

const SIGNS = { reuse: '=', run_again: '~', orphaned: '-' } as const satisfies Record<StepAction, string>;
const WORDS = { reuse: 'reuse', run_again: 'run again', orphaned: 'orphaned' } as const satisfies Record<
  StepAction,
  string
>;
const COLOURS = { reuse: 'green', run_again: 'yellow', orphaned: 'gray' } as const satisfies Record<StepAction, string>;

export function renderPlan({ run, hasFlowChanged, steps }: RetryPlan, terminal: Terminal): string {
  const title = `Flow run ${terminal.style('bold', run.name)} of "${run.flowName}" is ${terminal.style(stateColour(run.state), run.state.name)}. A retry would:\n`;
  const columns: Column<PlanLine>[] = [
    { title: '', text: ({ step }) => SIGNS[step.action], style: ({ step }) => COLOURS[step.action] },
    {
      title: 'STEP',
      text: ({ step, runs }) => (runs === 1 ? step.run.name : `${step.run.taskName} × ${runs}`),
      is: 'whole',
    },
    { title: 'ACTION', text: ({ step }) => WORDS[step.action], style: ({ step }) => COLOURS[step.action] },
    { title: 'BECAUSE', text: ({ reason }) => reason, is: 'whole' },
  ];
  const table =
    steps.length === 0
      ? 'No step was recorded: the flow starts from its beginning.\n'
      : renderTable(groupPlan(steps), columns, terminal);
  const { reuse, run_again: again, orphaned } = countSteps(steps);
  const sums = `${plural(steps.length, 'step')}: ${reuse} reused, ${again} run again, ${orphaned} orphaned.`;
  const changed = hasFlowChanged ? "The flow's own source changed: what it calls newly runs, too.\n" : '';
  const rest = 'A step whose input comes out differently than before is a new step, and runs.\n';
  return `${title}\n${table}\n${steps.length === 0 ? '' : `${sums}\n`}${changed}${steps.length === 0 ? '' : rest}`;
}
