/** The real Python clients, each in a virtual environment of its own. */
import { join } from 'node:path';

import { preparePython, pythonEnvironment, type PythonEnvironment } from '../../scripts/python-environment.ts';

const folder = join(import.meta.dirname, '.venv');

/** With it the client makes bundles of flows that are bound to a pool, and our worker environments of a `uv.lock`. */
const UV = 'uv==0.13.9';
const DASK = ['prefect-dask==0.3.7', 'dask==2026.8.0', 'distributed==2026.8.0', 'pandas==3.1.1'];

/** As tests and recordings are named; the newest first. */
export const CLIENT_VERSIONS = ['3.9', '3.8', '2'] as const;
export type ClientVersion = (typeof CLIENT_VERSIONS)[number];

/** The bounds keep out newer releases of what a server stands on: such ones broke servers, and clients, before. */
export const CLIENTS: Readonly<Record<ClientVersion, PythonEnvironment>> = {
  3.9: pythonEnvironment({
    folder: join(folder, '3.9'),
    requirements: [
      'prefect==3.9.1',
      'fastapi>=0.139,<0.151',
      'starlette>=1.0.1,<1.11',
      'sqlalchemy[asyncio]>=2.0,<2.2',
      'pydocket>=0.23.1,<0.28',
      'uvicorn<0.55',
      'pydantic<2.15',
      ...DASK,
      UV,
    ],
    minors: [11, 12, 13, 10],
  }),
  3.8: pythonEnvironment({
    folder: join(folder, '3.8'),
    requirements: ['prefect==3.8.8', 'fastapi==0.139.2', 'starlette>=1.0.1,<1.2', 'sqlalchemy[asyncio]>=2.0,<2.1', UV],
    minors: [11, 12, 13, 10],
  }),
  2: pythonEnvironment({
    folder: join(folder, '2'),
    requirements: ['prefect==2.20.25', 'anyio<4.10'],
    minors: [11, 12, 10, 9],
  }),
};

/** The newest: its client runs every script, and its server says what is expected. */
export const REFERENCE = CLIENTS['3.9'];

export async function prepareClients(say: (message: string) => void): Promise<void> {
  await Promise.all(Object.values(CLIENTS).map((client) => preparePython(client, say)));
}
