/** Which program runs a flow: our own command for TypeScript, Prefect's engine for Python. */

import { asMarked } from '../platform/output-mark.ts';

const PYTHON_ENTRYPOINT = /\.py:|^[\w.]+$/;
export const PYTHON_MODULE = 'prefect.engine';
/** What the client logs it prints, too; it is recorded already. */
const LOGGED_BY_CLIENT = /^\d\d:\d\d:\d\d\.\d{3} \| [A-Z]+\s+\| (?:Flow|Task) run '/;

export function languageOf(entrypoint: string): 'python' | 'node' {
  return PYTHON_ENTRYPOINT.test(entrypoint) ? 'python' : 'node';
}

/** A line of Prefect's engine, as one that is recorded where it is. */
export function heardOfPython(line: string): string {
  return LOGGED_BY_CLIENT.test(line) ? asMarked(line) : line;
}
