/**
 * Which lines of a process's output are recorded already: what a run logs is also printed, and the worker that reads it
 * makes logs of the rest alone.
 */

/** `worker`: a worker reads; the process that it starts puts its own id there, so that none below it marks. */
export const MARK_ENTRY = 'OSTINATO__OUTPUT_MARK';
export const MARK_WANTED = 'worker';
/** At the beginning of a line: a sequence that a terminal does nothing for. */
const MARK = '\u001b[0;10;0m';

/** From now on this process marks, if a worker has started it. */
export function claimOutputMark(environment: NodeJS.ProcessEnv): void {
  if (environment[MARK_ENTRY] === MARK_WANTED) environment[MARK_ENTRY] = String(process.pid);
}

/** The text with its lines marked, where a worker reads. */
export function markOutput(text: string): string {
  return process.env[MARK_ENTRY] === String(process.pid) ? text.replaceAll(/^(?=.)/gm, MARK) : text;
}

/** A line that the process has recorded, though it does not mark. */
export function asMarked(line: string): string {
  return `${MARK}${line}`;
}

export interface OutputLine {
  readonly text: string;
  /** Whether it is recorded already. */
  readonly isMarked: boolean;
}

export function readOutputLine(line: string): OutputLine {
  return line.startsWith(MARK) ? { text: line.slice(MARK.length), isMarked: true } : { text: line, isMarked: false };
}
