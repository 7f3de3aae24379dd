/** What the flags of webhooks change, for the walk over all flags. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { fresh, type FlagWorld } from './flag-world.ts';
import { of, type Case } from './flag-observations.ts';

type World = () => FlagWorld;
type Words = readonly string[] | (() => Promise<readonly string[]>);
type Fields = Readonly<Record<string, unknown>>;

const TEMPLATE = '{"event": "shop.{{ body }}", "resource": {"prefect.resource.id": "{{ method }} {{ headers.a }}"}}';

async function webhook(world: World): Promise<string> {
  const name = fresh('webhook');
  await world().post('/webhooks/', { name, template: TEMPLATE });
  return name;
}

/** The one that is made, as it is shown afterwards; or that it was refused. */
async function made(world: World, words: readonly string[]): Promise<Fields | number | null> {
  const name = fresh('webhook');
  const { exitCode } = await world().call(['webhook', 'create', name, ...words]);
  if (exitCode !== 0) return exitCode;
  const {
    id: _,
    name: _name,
    created: _created,
    updated: _updated,
    ...rest
  } = await world().json<Fields>(['webhook', 'inspect', name]);
  return rest;
}

export function webhookCases(world: World): Readonly<Record<string, Readonly<Record<string, Case>>>> {
  const file = (name: string, text: string): string => {
    writeFileSync(join(world().place.project, name), text);
    return name;
  };
  const creating = (given: readonly string[], base: readonly string[] = []): Case =>
    of(given, (flag) => made(world, [...base, ...flag]));
  const tried = (given: readonly string[]): Case =>
    of(given, async (flag) => {
      const { events } = await world().json<{ events: readonly Fields[] }>([
        'webhook',
        'test',
        await webhook(world),
        ...flag,
      ]);
      return [events[0]?.['event'], events[0]?.['resource']];
    });
  return {
    'webhook create': {
      '--form': creating(['cloudevents']),
      '--template': creating([TEMPLATE]),
      '--template-file': of(['hook.jinja'], async (flag) => {
        file('hook.jinja', TEMPLATE);
        return await made(world, flag);
      }),
      '--secret-file': of(['secret.txt'], async (flag) => {
        file('secret.txt', 'hush\n');
        return await made(world, ['--form', 'github', ...flag]);
      }),
      '--description': creating(['of the till'], ['--template', TEMPLATE]),
    },
    'webhook ls': {
      '--limit': of(['1'], async (flag) => {
        await webhook(world);
        await webhook(world);
        return (await world().json<readonly unknown[]>(['webhook', 'ls', ...flag])).length;
      }),
    },
    'webhook delete': {
      '--yes': of(
        [],
        async (flag) => (await world().call(['webhook', 'delete', await webhook(world), ...flag])).exitCode,
      ),
    },
    'webhook test': { '--body': tried(['sold']), '--header': tried(['A: b']), '--method': tried(['put']) },
  };
}

export function webhookOutputs(world: World): Readonly<Record<string, Words>> {
  const named = async (): Promise<readonly string[]> => [await webhook(world)];
  return {
    'webhook create': async () => [fresh('webhook'), '--form', 'cloudevents'],
    'webhook ls': [],
    'webhook inspect': named,
    'webhook rotate': named,
    'webhook pause': named,
    'webhook resume': named,
    'webhook delete': async () => ['-y', ...(await named())],
    'webhook test': named,
  };
}
