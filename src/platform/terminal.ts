/** The terminal that a person may be looking at: where reports go, and whether they may be coloured and redrawn. */

import { format, styleText } from 'node:util';

export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'gray' | 'bold';

export interface ReportTarget {
  write(text: string): void;
  /** Lines can be redrawn. */
  readonly isTerminal: boolean;
  paint(colour: Colour, text: string): string;
}

/** Stderr: stdout belongs to the program. Colours only on a terminal that has them, and not under `NO_COLOR`. */
export function stderrTarget(): ReportTarget {
  const { stderr } = process;
  const colours = stderr.isTTY === true && stderr.hasColors() && !process.env['NO_COLOR'];
  return {
    write: (text) => void stderr.write(text),
    isTerminal: stderr.isTTY === true,
    paint: (colour, text) => (colours ? styleText(colour, text, { validateStream: false }) : text),
  };
}

/** The text that `console.log` would print of these values. */
export function formatConsole(parts: readonly unknown[]): string {
  return format(...parts);
}
