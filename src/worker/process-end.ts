/** In words: how a run's process ended, what it used, and what it wrote last. */

import type { ChildEnd } from '../platform/child-group.ts';
import type { ProcessUse } from '../platform/process-use.ts';

/** Of what the process wrote, kept for the case that it dies. */
const LINES_MAX = 20;
const LINE_CHARACTERS_MAX = 500;

export function describeEnd({ exitCode, signal, problem }: ChildEnd, use: ProcessUse | null = null): string {
  if (problem !== null) return `Its process could not be started: ${problem}`;
  const used =
    use === null ? '' : ` It was seen to use ${megabytes(use.peakBytes)} MB of memory and ${use.cpuSeconds} s of CPU.`;
  if (signal !== null) return `Its process was ended by the signal ${signal}.${used}`;
  if (exitCode === null) return `Its process has ended; how it did was not told.${used}`;
  return `Its process ended with exit code ${exitCode}.${used}`;
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
