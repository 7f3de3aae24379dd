/** What the flags of notifications change, for the walk over all flags. */
import { fresh, type FlagWorld } from './flag-world.ts';
import { of, type Case } from './flag-observations.ts';
import { makeChannel, openReceiver, type Receiver } from './notification-blocks.ts';

type World = () => FlagWorld;

async function channel(world: World, { url }: Receiver): Promise<string> {
  const name = fresh('ops');
  await makeChannel(world().post, 'slack-webhook', name, { url });
  return name;
}

/** @returns what somebody got */
async function tested(world: World, flag: readonly string[]): Promise<readonly string[]> {
  const receiver = await openReceiver();
  try {
    await world().call(['notification', 'test', await channel(world, receiver), ...flag]);
    return receiver.heard;
  } finally {
    receiver.close();
  }
}

export function notificationCases(world: World): Readonly<Record<string, Readonly<Record<string, Case>>>> {
  return {
    'notification ls': {
      '--limit': of(['1'], async (flag) => {
        const receiver = await openReceiver();
        receiver.close();
        await channel(world, receiver);
        await channel(world, receiver);
        return (await world().json<readonly unknown[]>(['notification', 'ls', ...flag])).length;
      }),
    },
    'notification test': {
      '--subject': of(['of mine'], (flag) => tested(world, flag)),
      '--body': of(['said by me'], (flag) => tested(world, flag)),
    },
  };
}

export function notificationOutputs(
  world: World,
): Readonly<Record<string, readonly string[] | (() => Promise<readonly string[]>)>> {
  return {
    'notification ls': [],
    'notification test': async () => {
      // Nobody listens any more: what it says of that is an output, too.
      const receiver = await openReceiver();
      receiver.close();
      return [await channel(world, receiver)];
    },
  };
}
