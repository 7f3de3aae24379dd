/** A flow file with one task. */
import { flow, task } from 'ostinato';

const noop = task((x: number) => x, { name: 'noop' });

await flow(async () => await noop(1), { name: 'One task' })();
