/** The real Python clients, each in a virtual environment of its own. */
import { join } from 'node:path';

import { preparePython, pythonEnvironment, type PythonEnvironment } from '../../scripts/python-environment.ts';

const folder = join(import.meta.dirname, '.venv');

/** The bounds keep out newer releases with which these clients, or their servers, do not run. */
export const CLIENTS: Readonly<Record<'2' | '3', PythonEnvironment>> = {
  3: pythonEnvironment({
    folder: join(folder, '3'),
    requirements: ['prefect==3.8.8', 'fastapi==0.139.2', 'starlette>=1.0.1,<1.2', 'sqlalchemy[asyncio]>=2.0,<2.1', 'prefect-dask==0.3.7', 'dask==2026.8.0', 'distributed==2026.8.0', 'pandas==3.1.1'],
    minors: [11, 12, 13, 10],
  }),
  2: pythonEnvironment({
    folder: join(folder, '2'),
    requirements: ['prefect==2.20.25', 'anyio<4.10'],
    minors: [11, 12, 10, 9],
  }),
};

export type ClientVersion = keyof typeof CLIENTS;

export async function prepareClients(say: (message: string) => void): Promise<void> {
  await Promise.all(Object.values(CLIENTS).map((client) => preparePython(client, say)));
}
