/** Levels of log lines, as Python's logging counts them. */
export const LEVELS = [
  { min: 0, label: 'All levels' },
  { min: 20, label: 'Info and above' },
  { min: 30, label: 'Warning and above' },
  { min: 40, label: 'Error and above' },
  { min: 50, label: 'Critical' },
] as const;

export type LevelTone = 'debug' | 'info' | 'warning' | 'error';

/** The word that stands before a line; a level between two is called by the lower. */
export function levelWord(level: number): { readonly word: string; readonly tone: LevelTone } {
  if (level >= 50) return { word: 'CRITICAL', tone: 'error' };
  if (level >= 40) return { word: 'ERROR', tone: 'error' };
  if (level >= 30) return { word: 'WARN', tone: 'warning' };
  if (level >= 20) return { word: 'INFO', tone: 'info' };
  return { word: 'DEBUG', tone: 'debug' };
}
