/** What a command sees of the world around it: two streams, the environment and the folder it was started in. */
import { styleText, type InspectColor } from 'node:util';

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Colours text meant for `out`; plain when that is no terminal, or NO_COLOR is set (FORCE_COLOR overrules both). */
  readonly style: (format: InspectColor | readonly InspectColor[], text: string) => string;
  readonly styleErr: (format: InspectColor | readonly InspectColor[], text: string) => string;
  /** Columns of the terminal; `null` when the output goes to a file or a pipe, which has no edge. */
  readonly columns: number | null;
  /** Whether a person can be asked. */
  readonly isInteractive: boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
}

export function processTerminal(): Terminal {
  const { stdout, stderr, stdin } = process;
  // `ostinato … | head` closes the pipe early: that is the reader's wish and no failure.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    style: (format, text) => styleText(format as InspectColor, text, { stream: stdout }),
    styleErr: (format, text) => styleText(format as InspectColor, text, { stream: stderr }),
    columns: stdout.isTTY ? stdout.columns : null,
    isInteractive: Boolean(stdin.isTTY && stdout.isTTY),
    environment: process.env,
    workingDirectory: process.cwd(),
  };
}
