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

const FRESH_MS = 120_000;

/** The time, for an age: every second while it is counted in seconds, then now and then. */
export function useAgeClock(then: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (): void => {
      timer = setTimeout(
        () => {
          setNow(Date.now());
          wait();
        },
        Date.now() - then < FRESH_MS ? 1000 : 30_000,
      );
    };
    wait();
    return () => clearTimeout(timer);
  }, [then]);
  return now;
}
