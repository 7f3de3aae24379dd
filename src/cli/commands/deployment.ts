import type { Command } from 'commander';

import type { Deployment } from '../../contract/deployment.ts';
import { parseInstant } from '../../core/time.ts';
import { DEPLOYMENT_WORD, parseLimit } from '../arguments.ts';
import { confirmDeletion } from '../confirm.ts';
import { describe } from '../../client/control/describe-schedule.ts';
import { findDeployment } from '../../client/control/find-deployment.ts';
import { deploymentFacts } from '../deployment-facts.ts';
import { showAgo } from '../format.ts';
import { withPlane, type PlaneContext } from '../open-plane.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { defineScheduleHistory } from './deployment-schedule-history.ts';
import { printRows, renderFacts, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { defineApply, defineDiff } from './deployment-apply.ts';
import { defineBackfill } from './deployment-backfill.ts';
import { defineBuild } from './deployment-build.ts';
import { defineRun } from './deployment-run.ts';
import { defineSchedule } from './deployment-schedule.ts';
import { defineVersions } from './deployment-versions.ts';

interface Row extends Deployment {
  readonly flowName: string;
}

export function define(command: Command, terminal: Terminal): void {
  defineBuild(command, terminal);
  defineApply(command, terminal);
  defineDiff(command, terminal);
  defineRun(command, terminal);
  defineBackfill(command, terminal);

  const list = command.command('ls').description('List deployments, by name.');
  list
    .option('--limit <count>', 'how many at most', parseLimit, 200)
    .addOption(outputOption(list))
    .action(({ output, limit }: OutputOptions & { limit: number }) =>
      withPlane(terminal, (context) => listDeployments(context, output, limit)),
    );

  const inspect = command
    .command('inspect')
    .summary('show it')
    .description('Show a deployment: where its runs begin, with what, when, and how many at once.');
  inspect
    .argument('<deployment>', DEPLOYMENT_WORD)
    .addOption(outputOption(inspect))
    .action((word: string, { output }: OutputOptions) =>
      withPlane(terminal, async ({ deployments }) => {
        const found = await findDeployment(deployments, word);
        printResult(terminal, output, found.exact, () => renderFacts(deploymentFacts(found), terminal));
      }),
    );

  defineSchedule(command, terminal);
  defineVersions(command, terminal);
  definePause(
    command,
    terminal,
    'pause',
    'let schedules make no runs',
    'Let the schedules of a deployment make no runs, and take back those ahead.',
  );
  definePause(
    command,
    terminal,
    'resume',
    'let schedules make runs again',
    'Let the schedules of a deployment make runs again.',
  );

  const remove = command
    .command('delete')
    .summary('delete it and what was not begun')
    .description('Delete a deployment with its schedules and the runs that were not begun.');
  remove
    .argument('<deployment>', DEPLOYMENT_WORD)
    .option('-y, --yes', 'do not ask')
    .addOption(outputOption(remove))
    .action((word: string, { output, yes }: OutputOptions & { yes?: boolean }) =>
      withPlane(terminal, async ({ deployments }) => {
        const found = await findDeployment(deployments, word);
        const name = `${found.flowName}/${found.plain.name}`;
        if (yes !== true && !(await confirmDeletion(terminal, `deployment ${name}`))) return;
        await deployments.remove(found.plain.id);
        printResult(terminal, output, { id: found.plain.id, name }, () => `Deployment ${name} is deleted.`);
      }),
    );

  defineScheduleHistory(command, terminal);
}

function definePause(
  command: Command,
  terminal: Terminal,
  word: 'pause' | 'resume',
  short: string,
  about: string,
): void {
  const pause = command.command(word).summary(short).description(about);
  pause
    .argument('<deployment>', DEPLOYMENT_WORD)
    .addOption(outputOption(pause))
    .action((given: string, { output }: OutputOptions) =>
      withPlane(terminal, async ({ deployments }) => {
        const found = await findDeployment(deployments, given);
        const name = `${found.flowName}/${found.plain.name}`;
        await deployments[word](found.plain.id);
        const paused = word === 'pause';
        printResult(terminal, output, { id: found.plain.id, name, paused }, () =>
          paused
            ? `Deployment ${name} is paused: its schedules make no runs.`
            : `Deployment ${name} goes on: its schedules make runs.`,
        );
      }),
    );
}

/** Of a list that is longer, the command says nothing: `--limit` does. */
async function listDeployments(
  { deployments, clock, terminal }: PlaneContext,
  output: OutputOptions['output'],
  limit: number,
): Promise<void> {
  const found = await deployments.list({ limit });
  const flowNames = await deployments.flowNames(found.map(({ plain }) => plain.flow_id));
  const rows = found.map(({ plain, exact }) => ({
    plain: { ...plain, flowName: flowNames.get(plain.flow_id) ?? '' },
    exact,
  }));
  const now = clock.now();
  const columns: Column<Row>[] = [
    { title: 'NAME', text: ({ flowName, name }) => `${flowName}/${name}`, is: 'whole' },
    { title: 'SCHEDULES', text: schedulesOf, shrinks: true, drops: 2 },
    { title: 'POOL', text: ({ work_pool_name: pool }) => pool ?? '', shrinks: true, drops: 4 },
    { title: 'QUEUE', text: ({ work_queue_name: queue }) => queue ?? '', shrinks: true, drops: 3 },
    {
      title: 'UPDATED',
      text: ({ updated }) => {
        const at = parseInstant(updated);
        return at === null ? '' : showAgo(at, now);
      },
      drops: 1,
    },
  ];
  const none = 'No deployments yet. Write one with: ostinato deployment build --name NAME FILE';
  printRows(terminal, output, rows, { columns, none });
}

function schedulesOf({ paused, schedules }: Deployment): string {
  const active = schedules.filter((each) => each.active).map(({ schedule }) => describe(schedule));
  const text = active.join('; ') || (schedules.length === 0 ? 'none' : 'none active');
  return paused && schedules.length > 0 ? `paused: ${text}` : text;
}
