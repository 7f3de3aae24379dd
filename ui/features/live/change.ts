import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';

import { ApiError } from '../../api/http.ts';

/**
 * Whatever comes of a change, what the pages show is asked for again before it counts as done.
 *
 * @param key the beginning of the keys of what is asked for again
 */
export function useChange<Answer, Given = void>(
  key: 'deployments' | 'work-pools' | 'automations' | 'notification-channels',
  change: (given: Given) => Promise<Answer>,
  onDone?: (answer: Answer) => void,
): UseMutationResult<Answer, Error, Given> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (answer) => onDone?.(answer),
    onSettled: () => client.invalidateQueries({ queryKey: [key] }),
  });
}

/** That somebody else was quicker is what was wanted. */
export async function goneWhenGone(deletion: Promise<void>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
}
