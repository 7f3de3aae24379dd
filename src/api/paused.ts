import { encodePause, type PausedBy } from '../contract/paused.ts';
import type { PausedNoun } from '../orchestrator/pauses.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { clientOf } from './client.ts';
import type { Call } from './operation.ts';

/**
 * For the answer about one thing: by whom it is paused, when it is. Not for Prefect's clients, which may refuse members
 * that they do not know.
 */
export async function pausedBy(
  useCases: Pick<UseCases, 'readPause'>,
  headers: Call['headers'],
  noun: PausedNoun,
  { id, isPaused }: { readonly id: string; readonly isPaused: boolean },
): Promise<{ readonly paused_by?: PausedBy }> {
  return isPaused && clientOf(headers).version === null ? encodePause(await useCases.readPause(noun, id)) : {};
}
