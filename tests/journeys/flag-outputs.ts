/** Each command as it is called for its JSON; the flag is behind it. */
import { join } from 'node:path';

import { deploymentOutputs } from './deployment-flags.ts';
import { fresh, type FlagWorld } from './flag-world.ts';

interface Made {
  readonly world: () => FlagWorld;
  readonly project: string;
  /** The name of a variable that is there. */
  readonly word: () => Promise<string>;
  /** A tag that has a limit. */
  readonly tag: () => Promise<string>;
}

type Words = readonly string[] | (() => Promise<readonly string[]>);

export const outputsOf = ({ world, project, word, tag }: Made): Readonly<Record<string, Words>> => ({
  'flow ls': [],
  'flow inspect': ['good'],
  'flow-run ls': [],
  'flow-run inspect': ['good-run'],
  'flow-run logs': ['good-run'],
  'flow-run watch': ['good-run'],
  'flow-run cancel': async () => [await world().running()],
  'flow-run mark': async () => [await world().running(), 'crashed'],
  'flow-run set-priority': async () => [await world().waiting(), '3'],
  'flow-run delete': async () => ['-y', await world().over()],
  ...deploymentOutputs(world),
  'task-run ls': [],
  'task-run inspect': ['price-0'],
  why: ['bad-run'],
  open: ['good-run'],
  'event ls': [],
  'event emit': ['shop.shipped', '--resource-id', 'order.1'],
  'event stream': ['--since', '1h', '--limit', '1'],
  'artifact ls': [],
  'artifact inspect': ['report'],
  'artifact delete': async () => ['-y', await world().artifact()],
  'variable ls': [],
  'variable get': async () => [await word()],
  'variable set': async () => [fresh('set'), 'text'],
  'variable unset': async () => [await word()],
  'variable inspect': async () => [await word()],
  'block ls': [],
  'block inspect': async () => [await world().block()],
  'block delete': async () => ['-y', await world().block()],
  'concurrency ls': [],
  'concurrency holders': async () => ['tag', await tag()],
  'concurrency create': async () => [fresh('tag'), '1'],
  'concurrency delete': async () => [await tag()],
  'server status': [],
  sync: [],
  init: async () => [join(project, fresh('made')), '--no-install', '--ostinato', '^1.0.0'],
  'config view': [],
  'profile ls': [],
  'profile inspect': [],
  version: [],
});
