/**
 * The list of all commands: one file each, loaded only when it is chosen.
 *
 * To add a command: write `commands/NAME.ts` that exports `define`, and add a line here.
 */
import type { Command } from 'commander';

import type { Terminal } from './terminal.ts';

export interface CommandFile {
  /** Adds arguments, options, subcommands, examples and the action to a command that has its name and summary. */
  readonly define: (command: Command, terminal: Terminal) => void;
}

export interface CommandEntry {
  readonly name: string;
  /** One line for `ostinato --help` and for shell completion. */
  readonly summary: string;
  /** The heading in `ostinato --help`. */
  readonly heading: 'Setting up:' | 'Serving:' | 'Running:' | 'Looking:' | 'Data:';
  readonly load: () => Promise<CommandFile>;
}

export const COMMANDS: readonly CommandEntry[] = [
  { name: 'run', heading: 'Running:', summary: 'run the flow in a file', load: () => import('./commands/run.ts') },
  {
    name: 'deployment',
    heading: 'Running:',
    summary: 'let flows run by themselves: build, apply, run and pause deployments',
    load: () => import('./commands/deployment.ts'),
  },
  {
    name: 'backfill',
    heading: 'Running:',
    summary: 'follow, pause, resume and abort backfills of deployments',
    load: () => import('./commands/backfill.ts'),
  },
  {
    name: 'approval',
    heading: 'Running:',
    summary: 'list and answer the questions of flows to people',
    load: () => import('./commands/approval.ts'),
  },
  {
    name: 'automation',
    heading: 'Running:',
    summary: 'list, inspect, pause, resume and delete automations',
    load: () => import('./commands/automation.ts'),
  },
  {
    name: 'alert',
    heading: 'Running:',
    summary: 'list, inspect, acknowledge, snooze and close alerts',
    load: () => import('./commands/alert.ts'),
  },
  {
    name: 'notification',
    heading: 'Running:',
    summary: 'list who can be told, and send a message to try it',
    load: () => import('./commands/notification.ts'),
  },
  {
    name: 'deploy',
    heading: 'Running:',
    summary: 'bring the server to what ostinato.yaml says of deployments',
    load: () => import('./commands/deploy.ts'),
  },
  {
    name: 'types',
    heading: 'Running:',
    summary: 'write the types of deployments, for programs that ask for their runs',
    load: () => import('./commands/deployment-types.ts'),
  },
  { name: 'flow', heading: 'Looking:', summary: 'list and inspect flows', load: () => import('./commands/flow.ts') },
  {
    name: 'flow-run',
    heading: 'Looking:',
    summary: 'list, inspect, follow, cancel, retry and delete flow runs',
    load: () => import('./commands/flow-run.ts'),
  },
  {
    name: 'task-run',
    heading: 'Looking:',
    summary: 'list and inspect task runs',
    load: () => import('./commands/task-run.ts'),
  },
  {
    name: 'why',
    heading: 'Looking:',
    summary: 'explain why a run is as it is',
    load: () => import('./commands/why.ts'),
  },
  {
    name: 'open',
    heading: 'Looking:',
    summary: "open a run's page in the browser",
    load: () => import('./commands/open.ts'),
  },
  { name: 'event', heading: 'Looking:', summary: 'list and follow events', load: () => import('./commands/event.ts') },
  {
    name: 'artifact',
    heading: 'Data:',
    summary: 'list, show and delete artifacts',
    load: () => import('./commands/artifact.ts'),
  },
  {
    name: 'variable',
    heading: 'Data:',
    summary: 'keep values that flows read',
    load: () => import('./commands/variable.ts'),
  },
  {
    name: 'webhook',
    heading: 'Data:',
    summary: 'addresses that turn what is sent there into events',
    load: () => import('./commands/webhook.ts'),
  },
  {
    name: 'block',
    heading: 'Data:',
    summary: 'list, inspect and delete blocks',
    load: () => import('./commands/block.ts'),
  },
  {
    name: 'concurrency',
    heading: 'Data:',
    summary: 'limit how many runs there are at once, and who they are',
    load: () => import('./commands/concurrency.ts'),
  },
  {
    name: 'server',
    heading: 'Serving:',
    summary: 'start, stop and watch the server',
    load: () => import('./commands/server.ts'),
  },
  {
    name: 'work-pool',
    heading: 'Serving:',
    summary: 'make, look at, pause and limit the pools that workers serve',
    load: () => import('./commands/work-pool.ts'),
  },
  {
    name: 'work-queue',
    heading: 'Serving:',
    summary: 'make, look at and pause the queues of work pools',
    load: () => import('./commands/work-queue.ts'),
  },
  {
    name: 'worker',
    heading: 'Serving:',
    summary: 'run what deployments ask for, when it is due; list workers',
    load: () => import('./commands/worker.ts'),
  },
  {
    name: 'agent',
    heading: 'Serving:',
    summary: 'the worker under its old name',
    load: () => import('./commands/worker.ts'),
  },
  {
    name: 'sync',
    heading: 'Serving:',
    summary: 'tell the server what it missed while it was away',
    load: () => import('./commands/sync.ts'),
  },
  {
    name: 'init',
    heading: 'Setting up:',
    summary: 'make a project that runs',
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'config',
    heading: 'Setting up:',
    summary: 'show and change settings',
    load: () => import('./commands/config.ts'),
  },
  {
    name: 'profile',
    heading: 'Setting up:',
    summary: 'keep named sets of settings',
    load: () => import('./commands/profile.ts'),
  },
  {
    name: 'completion',
    heading: 'Setting up:',
    summary: 'print the completion script of a shell',
    load: () => import('./commands/completion.ts'),
  },
  {
    name: 'version',
    heading: 'Setting up:',
    summary: 'show versions, database and home',
    load: () => import('./commands/version.ts'),
  },
];
