/** Fails, goes on from it in each way, and then asks a person; says in a file what was really done. */
import { appendFileSync } from 'node:fs';

import { approval, flow, match, task } from '../../src/index.ts';

const effects = process.env['EFFECTS'] ?? '';
const say = (what: string): void => appendFileSync(effects, `${what}\n`);

class HttpError extends Error {}
class NotFound extends HttpError {}

const fails = (what: string): never => {
  say(what);
  throw new NotFound(what);
};

const load = task((): string => fails('load'), {
  name: 'load',
  fallback: (failure) => {
    say('fallback');
    return `instead of ${failure.message}`;
  },
});
const notify = task((): string => fails('notify'), { name: 'notify', optional: true });
const plain = task((): string => fails('plain'), { name: 'plain' });

export const answered = flow(
  async () => {
    const went = [
      await load(),
      (await notify()) ?? 'nothing',
      await plain().onFailure((failure) => {
        say('branch');
        return match(failure, { HttpError: ({ name }) => `an HttpError: ${name}`, else: () => 'else' });
      }),
    ];
    const { approved } = await approval({ title: 'Go on?', due: '1d', default: { approved: false } });
    say(`answered ${approved}`);
    return [...went, approved];
  },
  { name: 'answered', runName: 'answered-run' },
);

if (import.meta.main) await answered();
