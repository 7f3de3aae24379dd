/** A dialog is about the run as it was when it was opened: what is done then is done to that, or not at all. */
import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useState } from 'react';

import { firstSight, knownSight, seenNow, type Seen, type SeenRun } from './sight.ts';

export function useSeen(run: SeenRun): Seen {
  const [first, setFirst] = useState(() => firstSight(run));
  const known = knownSight(first, run);
  if (known !== first) setFirst(known);
  return seenNow(known, run);
}

/** Whatever comes of it, what the page shows is asked for again. */
export function useRunChange<Answer, Given = void>(
  change: (given: Given) => Promise<Answer>,
  onDone: (answer: Answer) => void,
): UseMutationResult<Answer, Error, Given> {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: onDone,
    onSettled: () => {
      for (const key of ['flow-runs', 'task-runs', 'states', 'graph', 'why'])
        void client.invalidateQueries({ queryKey: [key] });
    },
  });
}
