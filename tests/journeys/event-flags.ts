/** What the flags of `event emit` change, for the walk over all flags. */
import { fresh, type FlagWorld } from './flag-world.ts';
import { of, type Case } from './flag-observations.ts';

interface Told {
  readonly id: string;
  readonly resource: unknown;
  readonly related: unknown;
  readonly payload: unknown;
}

const ID = '018f0000-0000-7000-8000-0000000000f1';

export function eventCases(world: () => FlagWorld): Readonly<Record<string, Case>> {
  /** What is stored of it. */
  const told = async (words: readonly string[]): Promise<Told | undefined> => {
    const name = fresh('shop.event');
    await world().call(['event', 'emit', name, ...words]);
    return (await world().json<readonly Told[]>(['event', 'ls', '--name', name]))[0];
  };
  const order = ['--resource-id', 'order.1'];
  return {
    '--resource-id': of(['order.2'], async (flag) => (await told(flag))?.resource),
    '--resource': of(['place=north'], async (flag) => (await told([...order, ...flag]))?.resource),
    '--related': of(
      ['{"prefect.resource.id": "customer.1", "prefect.resource.role": "customer"}'],
      async (flag) => (await told([...order, ...flag]))?.related,
    ),
    '--payload': of(['{"n": 1234567890123456789}'], async (flag) => (await told([...order, ...flag]))?.payload),
    '--id': of([ID], async (flag) => (await told([...order, ...flag]))?.id === ID),
  };
}
