import type { Command } from 'commander';

import type { OstinatoClient } from '../../client/port.ts';
import { encodeFlowRun } from '../../contract/encode/flow-run.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import { matching } from '../../core/list-query.ts';
import { priorityOf, RUN_PRIORITY_DEFAULT } from '../../core/run-priority.ts';
import { isTerminal, type State, type StateCounts } from '../../core/state.ts';
import type { Instant } from '../../core/time.ts';
import type { ValueRef } from '../../core/value.ts';
import { failureOf } from '../../core/why-phrases.ts';
import { findFlowRun } from '../find-run.ts';
import { showDuration, showTime, stateColour } from '../format.ts';
import { withClient } from '../open-client.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { padTo, renderFacts } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { oneLine, textWidth } from '../text-width.ts';

/** Characters of a value in the list of facts; JSON has all of it. */
const VALUE_CHARS_MAX = 300;

export function defineInspect(command: Command, terminal: Terminal): void {
  const inspect = command.command('inspect').description('Show all that is recorded of a flow run.');
  inspect
    .argument('<run>', 'id, beginning of an id, or name')
    .addOption(outputOption(inspect))
    .action((word: string, { output }: OutputOptions) =>
      withClient(terminal, async ({ client, clock }) => {
        const run = await findFlowRun(client, word);
        const now = clock.now();
        const text = output === 'json' ? '' : await describeRun(client, run, now, terminal);
        printResult(terminal, output, encodeFlowRun(run, now), () => text);
      }),
    );
  addExamples(inspect, [
    ['ostinato flow-run inspect brave-otter', 'by name: the newest of that name'],
    ['ostinato flow-run inspect 01a0f3 -o json', 'by the first characters of the id, for a program'],
  ]);
}

async function describeRun(client: OstinatoClient, run: FlowRun, now: Instant, terminal: Terminal): Promise<string> {
  const counts = await client.countByState('task_run', matching({ flowRunId: run.id }));
  const states = await client.listFlowRunStates(run.id);
  const facts: [string, string][] = [
    ['id', run.id],
    ['name', run.name],
    ['flow', run.flowVersion === null ? run.flowName : `${run.flowName} (version ${run.flowVersion})`],
    ['state', run.state.name + (run.state.message === null ? '' : `: ${run.state.message}`)],
    ['created', showTime(run.createdAt)],
    ['took', showDuration(run, now) || 'has not started'],
    ['priority', priorityOf(run) === RUN_PRIORITY_DEFAULT ? '' : String(priorityOf(run))],
    ['attempts', String(run.runCount)],
    ['task runs', showCounts(counts)],
    ['parameters', showValue(run.parameters)],
    ['tags', run.tags.join(', ')],
    ['labels', Object.keys(run.labels).length === 0 ? '' : JSON.stringify(run.labels)],
    ['retries', run.policy.retries === 0 ? '' : String(run.policy.retries)],
    ['timeout', run.policy.timeoutSeconds === null ? '' : `${run.policy.timeoutSeconds} s`],
    ['durability', run.durability],
    ['resume', run.policy.resume],
    ['file', run.entrypoint === null ? '' : run.entrypoint.file],
    ['parent run', run.parentFlowRunId ?? ''],
  ];
  if (run.state.type === 'COMPLETED' && run.state.data !== null) facts.push(['result', showValue(run.state.data)]);
  if (run.state.type === 'CRASHED' && run.state.evidence !== undefined) facts.push(['evidence', run.state.evidence]);
  const next = isTerminal(run.state) && run.state.type !== 'COMPLETED' ? `\nWhy: ostinato why ${run.id}\n` : '';
  return `${renderFacts(
    facts.filter(([, value]) => value !== ''),
    terminal,
  )}\n${renderStates(states, terminal)}${next}`;
}

/** One line a state, oldest first. */
export function renderStates(states: readonly State[], terminal: Terminal): string {
  const names = states.map(({ name }) => oneLine(name));
  const width = Math.max(0, ...names.map((name) => textWidth(name)));
  const lines = states.map((state, index) => {
    const name = terminal.style(stateColour(state), padTo(names[index] ?? '', width));
    return `  ${showTime(state.timestamp)}  ${name}  ${oneLine(failureOf(state) ?? state.message ?? '')}`.trimEnd();
  });
  return `${terminal.style('bold', 'states')}\n${lines.join('\n')}\n`;
}

export function showCounts(counts: StateCounts): string {
  const parts = Object.entries(counts).map(([type, count]) => `${count} ${type.toLowerCase()}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

export function showValue(ref: ValueRef): string {
  if (ref.kind === 'unpersisted') return '(not kept)';
  if (ref.kind === 'stored') return `(${ref.bytes} bytes in the result store: ${ref.key})`;
  return ref.text.length > VALUE_CHARS_MAX ? `${ref.text.slice(0, VALUE_CHARS_MAX - 1)}…` : ref.text;
}
