/** The time, for what grows while one looks at it. */
import { useEffect, useState } from 'react';

/** @param everyMs how often it moves on; `null` while nothing grows */
export function useNow(everyMs: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (everyMs === null) return;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
