/** Follows a backfill until it has ended, and its runs. */

import type { BackfillClient } from '../client/control/backfills.ts';
import type { Backfill } from '../contract/backfill.ts';
import { sleep } from '../core/time.ts';
import { showProgress } from './backfill-progress.ts';
import type { PlaneContext } from './open-plane.ts';
import { printJson, type OutputOptions } from './output.ts';
import { endWith, EXIT_CANCELLED, EXIT_RUN_FAILED } from './run-exit-code.ts';
import { truncateText } from './text-width.ts';

const POLL_MS = 500;

/** Ctrl-C ends the watching, and says that the backfill goes on. */
export async function followBackfill(
  backfills: BackfillClient,
  { clock, terminal }: PlaneContext,
  { id, name }: Backfill,
  output: OutputOptions['output'],
): Promise<void> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  process.once('SIGINT', stop);
  const isLine = output !== 'json' && terminal.columns !== null;
  let said = '';
  const say = (text: string): void => {
    if (output === 'json' || text === said) return;
    if (isLine) {
      if (said !== '') terminal.clearLine();
      terminal.out(truncateText(text, (terminal.columns ?? 0) - 1));
    } else terminal.out(`${text}\n`);
    said = text;
  };
  const endLine = (): void => {
    if (isLine && said !== '') terminal.out('\n');
  };
  try {
    for (;;) {
      const { plain, exact } = await backfills.read(id);
      say(`${name} ${plain.state}  ${showProgress(plain)}`);
      if (plain.ended !== null && plain.progress.open === 0) {
        endLine();
        if (output === 'json') printJson(terminal, exact);
        endWith(exitCodeFor(plain));
        return;
      }
      if (!(await waited(clock, stopped.signal))) {
        endLine();
        terminal.err(`Backfill ${name} goes on. End it with: ostinato backfill abort ${name}\n`);
        endWith(EXIT_CANCELLED);
        return;
      }
    }
  } finally {
    process.off('SIGINT', stop);
  }
}

/** `false`: it was stopped. */
async function waited(clock: PlaneContext['clock'], signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(clock, POLL_MS, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

function exitCodeFor({ state, progress }: Backfill): number {
  if (state === 'aborted') return EXIT_CANCELLED;
  return progress.failed + progress.crashed + progress.cancelled > 0 ? EXIT_RUN_FAILED : 0;
}
