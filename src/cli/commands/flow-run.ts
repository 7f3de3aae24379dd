import type { Command } from 'commander';

import type { Terminal } from '../terminal.ts';
import { defineCancel } from './flow-run-cancel.ts';
import { defineDelete } from './flow-run-delete.ts';
import { defineInspect } from './flow-run-inspect.ts';
import { defineList } from './flow-run-list.ts';
import { defineLogs } from './flow-run-logs.ts';
import { defineMark } from './flow-run-mark.ts';
import { defineExecute } from './flow-run-execute.ts';
import { defineSetPriority } from './flow-run-set-priority.ts';
import { defineRetry } from './flow-run-retry.ts';
import { defineWatch } from './flow-run-watch.ts';

export function define(command: Command, terminal: Terminal): void {
  for (const part of [
    defineList,
    defineInspect,
    defineLogs,
    defineWatch,
    defineCancel,
    defineMark,
    defineSetPriority,
    defineRetry,
    defineExecute,
    defineDelete,
  ])
    part(command, terminal);
  command.addHelpText(
    'after',
    '\nA run is named by its id, the first characters of it, or its\nname (the newest run of that name).\n',
  );
}
