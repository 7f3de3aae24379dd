import { InvalidArgumentError, Option, type Command } from 'commander';

import { isKeyText } from '../../core/concurrency/concurrency-key.ts';
import { ON_CRASH, type OnCrash } from '../../core/deployment.ts';
import { collect, parseLimit, parseName } from '../arguments.ts';
import { outputOption, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import { collectSpans } from '../spans.ts';
import type { Terminal } from '../terminal.ts';

export interface BuildOptions extends OutputOptions {
  readonly name: string;
  readonly file?: string;
  readonly overwrite?: boolean;
  readonly description?: string;
  readonly flowVersion?: string;
  readonly tag?: readonly string[];
  readonly param?: readonly string[];
  readonly params?: string;
  readonly pool?: string;
  readonly workQueue?: string;
  readonly cron?: readonly string[];
  readonly interval?: readonly number[];
  readonly rrule?: readonly string[];
  readonly timezone?: string;
  readonly concurrencyLimit?: number;
  readonly concurrencyKey?: string;
  readonly onCrash?: OnCrash;
}

export function defineBuild(command: Command, terminal: Terminal): void {
  const build = command
    .command('build')
    .summary('write down how a flow runs')
    .description('Write how a flow runs by itself into a file, to be looked over.');
  build
    .argument('<file>', 'a TypeScript or JavaScript file; FILE:EXPORT when it exports several flows')
    .requiredOption('-n, --name <name>', 'the name of the deployment', parseName)
    .option('--file <path>', 'where to write it; default: FLOW-deployment.yaml in this folder', parseName)
    .option('--overwrite', 'replace the file when it is there')
    .option('--description <text>', 'what people read about it; default: what the flow says of itself')
    .option('--flow-version <text>', 'the version of the flow; default: a hash of its source', parseName)
    .option('--tag <tag>', 'repeat it for several', collect)
    .option('-p, --param <name=value>', 'a parameter of its runs; repeat it for several', collect)
    .option('--params <json>', 'all parameters as one JSON object, or @FILE with one; -p wins over it')
    .option('--pool <name>', 'the work pool whose workers take its runs; default: default-agent-pool', parseName)
    .option('-q, --work-queue <name>', 'the queue in the pool; default: default', parseName)
    .option('--cron <expression>', 'when it runs: minute, hour, day, month, weekday; repeat it for several', collect)
    .option('--interval <time>', 'every so often: 30s, 15m, 2h, 1d; repeat it for several', collectSpans)
    .option('--rrule <rule>', 'when it runs, as an RFC 5545 rule; repeat it for several', collect)
    .option('--timezone <zone>', 'of the schedules, such as Europe/Berlin; default: UTC', parseName)
    .option('--concurrency-limit <count>', 'how many of its runs may be under way at once', parseLimit)
    .option(
      '--concurrency-key <path>',
      'runs that have the same there share the slots of the limit, such as parameters.customer; default: what the flow says',
      parseKey,
    )
    .addOption(
      new Option(
        '--on-crash <what>',
        'what becomes of a run whose process was lost; default: what the flow says, or leave',
      ).choices(ON_CRASH),
    )
    .addOption(outputOption(build))
    .action(async (file: string, options: BuildOptions) => {
      // Loaded here: help and completion need no engine.
      const { buildDeployment } = await import('../build-deployment.ts');
      await buildDeployment(terminal, file, options);
    });
  addExamples(build, [
    ['ostinato deployment build --name nightly etl.ts:sales', 'writes sales-deployment.yaml'],
    ['ostinato deployment build -n nightly etl.ts --cron "0 2 * * *"', 'with a schedule'],
    ['ostinato deployment build -n eu etl.ts -p region=eu --file eu.yaml', 'with parameters, into a file of its own'],
  ]);
}

function parseKey(text: string): string {
  if (!isKeyText(text))
    throw new InvalidArgumentError(
      'It must be a path of the parameters, such as parameters.customer, or a text with paths between braces.',
    );
  return text;
}
