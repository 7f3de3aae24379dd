import { encodePause, type PausedBy } from '../contract/paused.ts';
import type { PausedNoun } from '../orchestrator/pauses.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';

/** For the answer about one thing: by whom it is paused, when it is. */
export async function pausedBy(
  useCases: Pick<UseCases, 'readPause'>,
  noun: PausedNoun,
  { id, isPaused }: { readonly id: string; readonly isPaused: boolean },
): Promise<{ readonly paused_by?: PausedBy }> {
  return isPaused ? encodePause(await useCases.readPause(noun, id)) : {};
}
