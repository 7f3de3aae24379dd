/** As `emitting_flow.py`. */
import { emitEvent, flow, task, withTags } from '../../../src/index.ts';

const resource = { 'prefect.resource.id': 'order.1', 'prefect.resource.name': 'first' };

const ship = task(
  async () =>
    await emitEvent({
      event: 'shop.shipped',
      resource,
      related: [{ 'prefect.resource.id': 'customer.1', 'prefect.resource.role': 'customer' }],
      payload: { n: 9007199254740993n },
    }),
  { name: 'ship', tags: ['fast'] },
);

const sell = flow(
  async () => {
    const opened = await emitEvent({ event: 'shop.opened', resource });
    await emitEvent({ event: 'shop.closed', resource, follows: opened });
    await ship();
  },
  { name: 'sell', runName: 'monday' },
);

await emitEvent({ event: 'shop.outside', resource });
await withTags(['daily', 'sales'], () => sell());
