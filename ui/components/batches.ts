import { useCallback, useEffect, useEffectEvent, useRef } from 'react';

/**
 * Collects what comes one by one and hands it over together: a page that a thousand events reach in a second is drawn
 * ten times, not a thousand.
 */
export function useBatches<Item>(onBatch: (items: readonly Item[]) => void, everyMs: number): (item: Item) => void {
  const waiting = useRef<Item[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const handOver = useEffectEvent(() => {
    timer.current = undefined;
    onBatch(waiting.current.splice(0));
  });
  const start = useRef(() => {});
  useEffect(() => {
    start.current = () => {
      timer.current ??= setTimeout(() => handOver(), everyMs);
    };
    return () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, [everyMs]);
  return useCallback((item) => {
    waiting.current.push(item);
    start.current();
  }, []);
}
