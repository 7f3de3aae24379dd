/**
 * Gives the error a stack of one line: its own stack leads into the engine instead of the mistake, and hides the
 * message where it is printed.
 */
export function stackless<Failure extends Error>(error: Failure, line = `${error.name}: ${error.message}`): Failure {
  Object.defineProperty(error, 'stack', { value: line, configurable: true, writable: true });
  return error;
}
