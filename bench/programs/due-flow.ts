/** The flow whose runs are asked for. */
import { flow } from '../../src/index.ts';

export const due = flow(async () => {}, { name: 'due' });
