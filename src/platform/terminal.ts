/** The terminal for reports, if there is one, and whether it can show colours and be redrawn. */

import { format, inspect, styleText, type InspectOptions } from 'node:util';

import { markOutput } from './output-mark.ts';
import { markOwn, toTerminal } from './own-output.ts';
import { PatientWriter } from './patient-writer.ts';

export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'gray' | 'bold';

export interface ReportTarget {
  /** Control characters in the text are escaped; colours come from `paint`. */
  write(text: string): void;
  /** Erases the last line, which has no line feed yet. */
  clearLine(): void;
  /** Whether lines can be redrawn. */
  readonly isTerminal: boolean;
  paint(colour: Colour, text: string): string;
}

/** Stderr: stdout belongs to the program. Colours only on a terminal that has them, and not under `NO_COLOR`. */
export function stderrTarget(): ReportTarget {
  const { stderr } = process;
  const colours = stderr.isTTY === true && stderr.hasColors() && !process.env['NO_COLOR'];
  const write = writerOf(stderr);
  return {
    write: (text) => write(markOutput(toTerminal(text))),
    clearLine: () => write('\r\u001b[2K'),
    isTerminal: stderr.isTTY === true,
    paint: (colour, text) => (colours ? paint(colour, text) : text),
  };
}

/**
 * Writes to the descriptor where there is one: a stream buffers without bound for a reader that never reads, and fails
 * when the reader has gone.
 */
function writerOf(stderr: NodeJS.WriteStream & { readonly fd?: number }): (text: string) => void {
  // In a worker thread the stream leads to the main thread.
  const { fd } = stderr;
  if (fd === undefined) return (text) => void stderr.write(text);
  const writer = new PatientWriter({ fd, ahead: () => stderr.writableLength });
  return (text) => writer.write(text);
}

let guarded = false;

/**
 * Keeps a closed or full standard output or error (a pager that quits, a full disk, a closed terminal) from ending the
 * program by an uncaught error. The text is lost.
 */
export function guardStandardStreams(): void {
  if (guarded) return;
  guarded = true;
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

const painters = new Map<Colour, readonly string[]>();

/** Only the colour's own sequences are marked as ours, not those in the text. */
function paint(colour: Colour, text: string): string {
  let around = painters.get(colour);
  if (around === undefined)
    painters.set(colour, (around = styleText(colour, '|', { validateStream: false }).split('|').map(markOwn)));
  return `${around[0]}${text}${around[1]}`;
}

/** The text that `console.dir` would print of a value with its options. */
export function inspectConsole([value, options]: readonly unknown[]): string {
  return inspect(value, { customInspect: false, ...(options as InspectOptions | undefined) });
}

/** The text that `console.log` would print of these values. */
export function formatConsole(parts: readonly unknown[]): string {
  return format(...parts);
}
