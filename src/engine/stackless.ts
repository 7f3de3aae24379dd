/** Gives the error a stack of one line: its own would lead into the engine, not to the mistake, and whoever prints it shall see what it says. */
export function stackless<Failure extends Error>(error: Failure, line = `${error.name}: ${error.message}`): Failure {
  Object.defineProperty(error, 'stack', { value: line, configurable: true, writable: true });
  return error;
}
