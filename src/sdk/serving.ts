/**
 * Whether this process serves deployments: then the first signal to end it is a request to take no more runs, not one
 * to stop those that it has.
 */

let stop: (() => void) | null = null;

/** @returns how to take it back */
export function whileServing(onStop: () => void): () => void {
  stop = onStop;
  return () => {
    if (stop === onStop) stop = null;
  };
}

export function isServing(): boolean {
  return stop !== null;
}

/** Answers whether the request was taken: only the first is. */
export function stopServing(): boolean {
  const onStop = stop;
  stop = null;
  onStop?.();
  return onStop !== null;
}
