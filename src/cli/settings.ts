import { resolveSettings, type Settings } from '../platform/settings.ts';
import type { Terminal } from './terminal.ts';

/** The settings in force for this command, with a word about variables that look like slips. */
export function loadSettings(terminal: Terminal): Settings {
  const settings = resolveSettings({ environment: terminal.environment, workingDirectory: terminal.workingDirectory });
  for (const warning of settings.warnings) terminal.err(`${terminal.styleErr('yellow', 'Warning:')} ${warning}\n`);
  return settings;
}
