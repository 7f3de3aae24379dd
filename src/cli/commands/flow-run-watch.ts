import type { Command } from 'commander';

import { RunEnd } from '../../client/run-end.ts';
import { encodeFlowRun } from '../../contract/encode/flow-run.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { FlowRun } from '../../core/flow-run.ts';
import { matching } from '../../core/list-query.ts';
import type { State } from '../../core/state.ts';
import { sleep } from '../../core/time.ts';
import { failureOf } from '../../core/why-phrases.ts';
import { findFlowRun } from '../find-run.ts';
import { showClock, showDuration, stateColour } from '../format.ts';
import { withClient, type CommandContext } from '../open-client.ts';
import { outputOption, printJson, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { endWith, exitCodeOf } from '../run-exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { oneLine, truncateText } from '../text-width.ts';
import { showCounts } from './flow-run-inspect.ts';
import type { LogTail } from './flow-run-logs.ts';

const POLL_MS = 200;
/** Milliseconds between checks whether the run's process is alive. */
const REAP_MS = 2000;

export function defineWatch(command: Command, terminal: Terminal): void {
  const watch = command
    .command('watch')
    .description("Follow a flow run until it ends. The exit code is the run's: 0, 1, or 130 when it was cancelled.");
  watch
    .argument('<run>', 'id, beginning of an id, or name')
    .addOption(outputOption(watch))
    .action((word: string, { output }: OutputOptions) =>
      withClient(terminal, async (context) => {
        const run = await findFlowRun(context.client, word);
        const view = output === 'json' ? null : new LiveView(terminal);
        const ended = await waitForEnd(context, run, view);
        if (output === 'json') printJson(terminal, encodeFlowRun(ended, context.clock.now()));
        endWith(exitCodeOf(ended.state));
      }),
    );
  addExamples(watch, [
    ['ostinato flow-run watch brave-otter', 'states and counts of tasks, as they change'],
    ['ostinato flow-run watch brave-otter && echo done', 'go on only when it completed'],
    ['ostinato flow-run watch brave-otter -o json', 'the run as it ended'],
  ]);
}

/**
 * Polls until the run has ended and nothing continues it, and shows each state, with what was logged since.
 *
 * @returns the run as it ended
 */
export async function waitForEnd(
  { client, clock }: CommandContext,
  run: FlowRun,
  view: LiveView | null,
  logs: LogTail | null = null,
): Promise<FlowRun> {
  const end = new RunEnd({ client, clock });
  let sinceReapMs = 0;
  for (;;) {
    const now = await client.readFlowRun(run.id);
    if (now === null) throw new OstinatoError('not-found', `Flow run ${run.name} was deleted meanwhile.`);
    if (view !== null) {
      const counts = await client.countByState('task_run', matching({ flowRunId: run.id }));
      view.show(
        now,
        await client.listFlowRunStates(run.id),
        `${showDuration(now, clock.now())}  tasks: ${showCounts(counts)}`,
        (await logs?.next()) ?? [],
      );
    }
    if (await end.isOver(now)) {
      view?.end();
      return now;
    }
    if (sinceReapMs >= REAP_MS) {
      await client.reapLostRuns();
      sinceReapMs = 0;
    }
    await sleep(clock, POLL_MS);
    sinceReapMs += POLL_MS;
  }
}

/** A line for each state; below, on a terminal, one line that is redrawn with every poll. */
export class LiveView {
  readonly #terminal: Terminal;
  readonly #shown = new Set<string>();
  #line = '';
  #last = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(run: FlowRun, states: readonly State[], summary: string, lines: readonly string[] = []): void {
    this.#clear();
    for (const line of lines) this.#terminal.out(line);
    for (const state of states) {
      if (this.#shown.has(state.id)) continue;
      this.#shown.add(state.id);
      this.#terminal.out(this.#stateLine(run, state));
    }
    this.#last = summary;
    if (this.#terminal.columns === null) return;
    this.#line = truncateText(summary, this.#terminal.columns - 1);
    this.#terminal.out(this.#line);
  }

  end(): void {
    this.#clear();
    this.#terminal.out(`${this.#last}\n`);
  }

  #stateLine(run: FlowRun, state: State): string {
    const message = failureOf(state);
    return `${this.#terminal.style('gray', showClock(state.timestamp))}  ${this.#terminal.style('bold', oneLine(run.name))}  ${this.#terminal.style(stateColour(state), oneLine(state.name))}${message === null ? '' : `  ${oneLine(message)}`}\n`;
  }

  #clear(): void {
    if (this.#line !== '') this.#terminal.clearLine();
    this.#line = '';
  }
}
