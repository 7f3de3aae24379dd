/**
 * # 14 · Asking people
 *
 * - `approval(…)` asks and waits for the first answer: `ostinato approval answer RUN --approve`.
 * - A form says what is asked for; the answer is checked by it, and typed.
 * - When nobody answers by `due`, the default is taken. The question survives the process that asked it.
 *
 * Here nobody answers. Run it with `node examples/14-asking-people.ts`.
 */

import { approval, flow, task } from 'ostinato';
import { z } from 'zod';

const publish = task((city: string) => `${city}: published`, { name: 'publish' });

export const reports = flow(
  async () => {
    const answers = await Promise.all([
      approval({ title: 'Publish Athens?', due: '1s', to: ['editors'], default: { approved: true } }),
      approval({
        title: 'Publish Sparta?',
        form: z.object({ approved: z.boolean(), readers: z.number().int().max(300) }),
        due: '1s',
        default: { approved: false, readers: 300 },
      }),
    ]);
    const cities = ['Athens', 'Sparta'];
    return await Promise.all(
      answers.map(async ({ approved }, at) => {
        const city = cities[at] ?? '';
        return approved ? await publish(city) : `${city}: kept back`;
      }),
    );
  },
  { name: 'Reports' },
);

if (import.meta.main) console.log(await reports());
