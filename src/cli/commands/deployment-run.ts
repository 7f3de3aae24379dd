import { InvalidArgumentError, type Command } from 'commander';

import { DEPLOYMENT_WORD, collect, parsePriority } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { parseVersion } from './deployment-versions.ts';
import { parseSpan, parseTime } from '../spans.ts';
import type { Instant } from '../../core/time.ts';
import type { Terminal } from '../terminal.ts';

export interface RunDeploymentOptions extends OutputOptions {
  readonly param?: readonly string[];
  readonly params?: string;
  readonly at?: Instant;
  /** Seconds. */
  readonly in?: number;
  readonly tag?: readonly string[];
  readonly jobVariable?: readonly string[];
  readonly version?: number;
  readonly priority?: number;
  readonly watch?: boolean;
}

export function defineRun(command: Command, terminal: Terminal): void {
  const run = command
    .command('run')
    .summary('ask for a run')
    .description('Ask for a run of a deployment: now, or at a time.');
  run
    .argument('<deployment>', DEPLOYMENT_WORD)
    .option('-p, --param <name=value>', 'a parameter of the flow; repeat it for several', collect)
    .option('--params <json>', 'all parameters as one JSON object, or @FILE with one; -p wins over it')
    .option('--at <time>', 'when: "tomorrow 9am", 17:30, or a time such as 2026-11-22T09:00:00Z', parseTime)
    .option('--in <time>', 'in how long: 30s, 15m, 2h, 3d', parseSpan)
    .option('--tag <tag>', 'of this run, beside those of the deployment; repeat it for several', collect)
    .option(
      '--job-variable <name=value>',
      'of this run, over those of the deployment and the pool, as text or JSON: \'env={"LANG": "C"}\'; repeat it',
      collect,
    )
    .option('--version <number>', 'run this version, whatever is applied later', parseVersion)
    .option(
      '--priority <number>',
      'the lower, the sooner among runs that are due; 0 is the ordinary one',
      parsePriority,
    )
    .option('--watch', "follow the run until it ends: states, logs, tasks; the exit code is the run's")
    .addOption(outputOption(run))
    .action(async (word: string, options: RunDeploymentOptions) => {
      if (options.at !== undefined && options.in !== undefined)
        throw new InvalidArgumentError('--at and --in both say when: give one of them.');
      // Loaded here: help and completion need none of it.
      const { runDeployment } = await import('../run-deployment.ts');
      await runDeployment(terminal, word, options);
    });
  addExamples(run, [
    ['ostinato deployment run sales/nightly', 'as soon as a worker has room for it'],
    ['ostinato deployment run nightly -p region=eu --watch', 'with a parameter; waits for its end'],
    ['ostinato deployment run nightly --at "tomorrow 9am"', 'later, in the time zone of this machine'],
    ['ostinato deployment run nightly --version 3', 'as it was: see ostinato deployment versions nightly'],
    ['ostinato deployment run nightly --in 2h -o json', 'for a program'],
  ]);
}
