import { useCallback, useEffect, useEffectEvent, useRef } from 'react';

/** Calls at once, then at most every `ms`, with one last call after a burst: what is shown ends up true. */
export function useThrottled(action: () => void, ms: number): () => void {
  const act = useEffectEvent(action);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const isWanted = useRef(false);
  const run = useRef(() => {});
  useEffect(() => {
    run.current = () => {
      if (timer.current !== undefined) {
        isWanted.current = true;
        return;
      }
      isWanted.current = false;
      act();
      timer.current = setTimeout(() => {
        timer.current = undefined;
        if (isWanted.current) run.current();
      }, ms);
    };
    // A call that was put off before the pace changed is still owed.
    if (isWanted.current) run.current();
    return () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, [ms]);
  return useCallback(() => run.current(), []);
}
