/** In words: how a run's process ended, what it used, and what it wrote last. */

import type { JobEnd, JobUse } from './infrastructure.ts';

/** Of what the process wrote, kept for the case that it dies. */
const LINES_MAX = 20;
const LINE_CHARACTERS_MAX = 500;

/** @param noun what the job is called: `process`, `container` */
export function describeEnd(
  { exitCode, signal, problem, reason = null }: JobEnd,
  use: JobUse | null = null,
  noun = 'process',
): string {
  const used =
    use === null ? '' : ` It was seen to use ${megabytes(use.peakBytes)} MB of memory and ${use.cpuSeconds} s of CPU.`;
  const why = reason === null ? '' : ` ${reason}`;
  if (problem !== null) return `Its ${noun} could not be started: ${problem}`;
  if (signal !== null) return `Its ${noun} was ended by the signal ${signal}.${why}${used}`;
  if (exitCode === null) return `Its ${noun} has ended; how it did was not told.${why}${used}`;
  return `Its ${noun} ended with exit code ${exitCode}.${why}${used}`;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}

export class LastLines {
  readonly #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line.length > LINE_CHARACTERS_MAX ? `${line.slice(0, LINE_CHARACTERS_MAX)}…` : line);
    if (this.#lines.length > LINES_MAX) this.#lines.shift();
  }

  said(): string {
    return this.#lines.length === 0 ? 'It wrote nothing.' : `It wrote at last:\n${this.#lines.join('\n')}`;
  }
}
