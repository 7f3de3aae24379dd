/**
 * Waits for a promise that may never settle: Node would exit when the event loop is empty, with a code of its own.
 */

/**
 * Resolves with `work`; rejects with `reason()` when the event loop has been empty twice before `work` settled. After
 * the first time others may still add work, such as ending runs that can never end by themselves.
 */
export async function rejectWhenLoopEmpty<T>(work: Promise<T>, reason: () => Error): Promise<T> {
  const empty = Promise.withResolvers<never>();
  let wasEmpty = false;
  const onEmpty = (): void => {
    // A pending immediate keeps the process alive for this turn.
    setImmediate(wasEmpty ? () => empty.reject(reason()) : () => {});
    wasEmpty = true;
  };
  process.on('beforeExit', onEmpty);
  try {
    return await Promise.race([work, empty.promise]);
  } finally {
    process.off('beforeExit', onEmpty);
  }
}
