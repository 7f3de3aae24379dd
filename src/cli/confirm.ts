/** Asks before something is deleted. */
import { createInterface } from 'node:readline/promises';

import { OstinatoError } from '../core/errors.ts';
import { printableLine } from '../core/printable.ts';
import type { Terminal } from './terminal.ts';

/** @param what for instance `flow run brave-otter`. @param withWhat what goes with it, for instance ` with its logs` */
export async function confirmDeletion(terminal: Terminal, what: string, withWhat = ''): Promise<boolean> {
  if (!terminal.isInteractive)
    throw new OstinatoError('bad-input', `Deleting ${what} needs a yes, and there is no terminal to ask on.`, {
      remedy: 'Add -y.',
    });
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await reader.question(`Delete ${printableLine(what)}${withWhat}? [y/N] `);
    const isYes = /^y(es)?$/i.test(answer.trim());
    if (!isYes) terminal.err('Nothing was deleted.\n');
    return isYes;
  } finally {
    reader.close();
  }
}
