import { OstinatoError } from '../../core/errors.ts';
import type { Complaint } from './written-document.ts';

/** From the top of the file on. */
export function inOrder(complaints: readonly Complaint[]): readonly Complaint[] {
  return complaints.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** @param wrong by file, as people call it */
export function refuseFiles(wrong: ReadonlyMap<string, readonly Complaint[]>): OstinatoError {
  const refusals = [...wrong].map(([file, complaints]) => refuseFile(complaints, file).message);
  const remedy = `Correct ${[...wrong.keys()].join(', ')}; nothing was applied.`;
  return new OstinatoError('bad-input', refusals.join('\n'), { remedy });
}

/**
 * The refusal of a deployment's file: a line for each thing that is wrong, where it stands and what to write.
 * @param file as people call it; `null` for what was never a file
 */
export function refuseFile(complaints: readonly Complaint[], file: string | null): OstinatoError {
  const lines = complaints.map(({ line, column, message, advice }) => {
    const where = file === null ? '' : `${file}:${line}:${column}: `;
    return `${where}${message}${advice === '' ? '' : ` ${advice}`}`;
  });
  return file === null
    ? new OstinatoError('bad-input', lines.join('\n'), { remedy: 'Correct it; nothing was written.' })
    : new OstinatoError('bad-input', lines.join('\n'), { remedy: `Correct ${file}; nothing was applied.` });
}
