/** The real commands without a process for each: for walks over all of them. Nothing of a flow runs here. */
import { main } from '../../src/cli/main.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import type { Ended } from './launch.ts';

export interface InProcess {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Whether a person sits there. Default: no. */
  readonly isInteractive?: boolean;
}

export interface Call {
  readonly ended: Promise<Ended>;
  /** What it has written so far. */
  readonly written: () => { readonly stdout: string; readonly stderr: string };
}

export function startCommand(words: readonly string[], { env, cwd, isInteractive = false }: InProcess): Call {
  let [stdout, stderr] = ['', ''];
  const terminal: Terminal = {
    out: (text) => void (stdout += text),
    err: (text) => void (stderr += text),
    clearLine: () => undefined,
    style: (_format, text) => text,
    styleErr: (_format, text) => text,
    columns: null,
    isInteractive,
    environment: { PATH: process.env['PATH'], ...env },
    workingDirectory: cwd,
  };
  const ended = main(words, terminal).then((exitCode) => {
    process.exitCode = undefined;
    return { exitCode, stdout, stderr };
  });
  return { ended, written: () => ({ stdout, stderr }) };
}

export const callCommand = async (words: readonly string[], at: InProcess): Promise<Ended> =>
  await startCommand(words, at).ended;
