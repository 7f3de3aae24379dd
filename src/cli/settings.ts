import { resolveSettings, type Settings } from '../platform/settings.ts';
import type { Terminal } from './terminal.ts';

/** The settings of this command, with warnings about variables that look like mistakes. */
export function loadSettings(terminal: Terminal): Settings {
  const settings = resolveSettings({ environment: terminal.environment, workingDirectory: terminal.workingDirectory });
  for (const warning of settings.warnings) terminal.err(`${terminal.styleErr('yellow', 'Warning:')} ${warning}\n`);
  return settings;
}
