import { OstinatoError } from '../../core/errors.ts';

/** A job variable that cannot be used: why, and how it is written. */
export function wrong(name: string, why: string, remedy: string): OstinatoError {
  return new OstinatoError('bad-input', `The job variable ${name} cannot be used: ${why}.`, { remedy });
}
