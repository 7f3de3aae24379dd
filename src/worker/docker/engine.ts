/** What a worker asks of a container engine, by the API that Docker and Podman share. */

import { recordOf, type JsonRecord } from '../../core/blocks/json.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { ContainerEngine, EngineAnswer } from '../../platform/container-engine.ts';

export interface ContainerState {
  readonly status: string;
  readonly isRunning: boolean;
  readonly exitCode: number | null;
  /** Not all engines see it. */
  readonly isOutOfMemory: boolean;
  /** In bytes; `null`: it has no limit. */
  readonly memoryMax: number | null;
  /** In the engine's words; empty: none. */
  readonly error: string;
}

export interface ListedContainer {
  readonly id: string;
  readonly name: string;
  /** For instance `created`, `running`, `exited`. */
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
}

export class DockerEngine {
  readonly #engine: ContainerEngine;

  constructor(engine: ContainerEngine) {
    this.#engine = engine;
  }

  get address(): string {
    return this.#engine.address;
  }

  get isHere(): boolean {
    return this.#engine.isHere;
  }

  /** @throws `upstream-failed`: it does not answer, or is no engine */
  async check(): Promise<void> {
    const answer = await this.#engine.ask({ method: 'GET', path: '/_ping' });
    if (answer.status === 200) return;
    throw new OstinatoError('upstream-failed', `What listens at ${this.address} is no container engine.`, {
      remedy: 'Say where the engine is: export DOCKER_HOST=unix:///PATH',
    });
  }

  async hasImage(image: string): Promise<boolean> {
    const answer = await this.#engine.ask({ method: 'GET', path: `/images/${encodeURIComponent(image)}/json` });
    if (answer.status === 404) return false;
    expectSuccess(answer, `The image ${image} could not be looked for`);
    return true;
  }

  /** @param onStep hears each step that the engine tells, as it comes */
  async pull(
    { name, tag }: { readonly name: string; readonly tag: string | null },
    registryAuth: string | null,
    onStep: (step: JsonRecord) => void,
  ): Promise<void> {
    const query = new URLSearchParams({ fromImage: name, ...(tag === null ? {} : { tag }) });
    let rest = '';
    const hear = (text: string): void => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') onStep(stepOf(line));
    };
    const headers = registryAuth === null ? {} : { 'x-registry-auth': registryAuth };
    const refused = await this.#engine.stream({ method: 'POST', path: `/images/create?${query}`, headers }, (bytes) =>
      hear(bytes.toString('utf8')),
    );
    if (refused !== null) throw new Error(messageOf(refused));
    hear('\n');
  }

  /** The id. `null`: the name is taken. */
  async create(name: string, body: object): Promise<string | null> {
    const answer = await this.#engine.ask({
      method: 'POST',
      path: `/containers/create?${new URLSearchParams({ name })}`,
      body,
    });
    // Podman says 500 of it.
    if (answer.status >= 400 && /\balready in use\b|\bname .* is in use\b/.test(messageOf(answer))) return null;
    const { Id: id } = expectSuccess(answer, 'The engine refused to make it') as { readonly Id?: unknown };
    return String(id);
  }

  async connect(network: string, id: string): Promise<void> {
    const path = `/networks/${encodeURIComponent(network)}/connect`;
    const answer = await this.#engine.ask({ method: 'POST', path, body: { Container: id } });
    expectSuccess(answer, `The container could not be connected to the network ${network}`);
  }

  async start(id: string): Promise<void> {
    const answer = await this.#engine.ask({ method: 'POST', path: `/containers/${id}/start` });
    expectSuccess(answer, 'The engine refused to start it');
  }

  /** When it runs no longer, or is not there. */
  async wait(id: string): Promise<void> {
    const path = `/containers/${id}/wait?condition=not-running`;
    const answer = await this.#engine.ask({ method: 'POST', path, isPatient: true });
    if (answer.status !== 404) expectSuccess(answer, 'The end of the container could not be waited for');
  }

  /** `null`: it is not there. */
  async inspect(id: string): Promise<ContainerState | null> {
    const answer = await this.#engine.ask({ method: 'GET', path: `/containers/${id}/json` });
    if (answer.status === 404) return null;
    const { State: state, HostConfig: host } = expectSuccess(answer, 'The container could not be looked at') as {
      readonly State?: JsonRecord;
      readonly HostConfig?: JsonRecord;
    };
    const { Status, Running, ExitCode, OOMKilled, Error: error } = state ?? {};
    return {
      status: String(Status ?? ''),
      isRunning: Running === true,
      exitCode: typeof ExitCode === 'number' ? ExitCode : null,
      isOutOfMemory: OOMKilled === true,
      memoryMax: Number(host?.['Memory'] ?? 0) || null,
      error: typeof error === 'string' ? error : '',
    };
  }

  /** What it writes, until it ends. @param more of the query @returns whether the engine has told all */
  async logs(id: string, more: Readonly<Record<string, string>>, onBytes: (bytes: Buffer) => void): Promise<void> {
    const query = new URLSearchParams({ stdout: '1', stderr: '1', ...more });
    await this.#engine.stream({ method: 'GET', path: `/containers/${id}/logs?${query}` }, onBytes);
  }

  /** `null`: it does not run. */
  async stats(id: string): Promise<JsonRecord | null> {
    const answer = await this.#engine.ask({
      method: 'GET',
      path: `/containers/${id}/stats?stream=false&one-shot=true`,
    });
    return answer.status === 200 ? (answer.body as JsonRecord | null) : null;
  }

  /** One that is not there, or does not run any more, is no error. */
  async kill(id: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#engine.ask({ method: 'POST', path: `/containers/${id}/kill?signal=${signal}` });
  }

  /** By force, with the volumes that have no name. One that is not there is no error. */
  async remove(id: string): Promise<void> {
    const answer = await this.#engine.ask({ method: 'DELETE', path: `/containers/${id}?force=true&v=true` });
    // 409: it is being removed.
    if (answer.status !== 404 && answer.status !== 409) expectSuccess(answer, 'The container could not be removed');
  }

  /** Also those that do not run. @param labels `NAME` or `NAME=VALUE` */
  async list(labels: readonly string[]): Promise<readonly ListedContainer[]> {
    const query = new URLSearchParams({ all: 'true', filters: JSON.stringify({ label: labels }) });
    const answer = await this.#engine.ask({ method: 'GET', path: `/containers/json?${query}` });
    const rows = expectSuccess(answer, 'The containers could not be listed');
    return (Array.isArray(rows) ? (rows as readonly JsonRecord[]) : []).map((row) => ({
      id: String(row['Id']),
      name: String((row['Names'] as readonly unknown[] | null)?.[0] ?? row['Id']).replace(/^\//, ''),
      state: String(row['State'] ?? '').toLowerCase(),
      labels: (row['Labels'] ?? {}) as Readonly<Record<string, string>>,
    }));
  }
}

function stepOf(line: string): JsonRecord {
  let step: unknown = null;
  try {
    step = JSON.parse(line);
  } catch {
    // Some engines break a line of a step that nobody needs.
  }
  return recordOf(step);
}

function expectSuccess(answer: EngineAnswer, what: string): unknown {
  if (answer.status < 400) return answer.body;
  throw new OstinatoError('upstream-failed', `${what}: ${messageOf(answer).replace(/\.?$/, '.')}`, {
    remedy: remedyFor(messageOf(answer)),
  });
}

function messageOf({ status, body }: EngineAnswer): string {
  const said = (body as { readonly message?: unknown } | null)?.message;
  return typeof said === 'string' && said !== '' ? said.trim() : `the engine answered ${status}`;
}

function remedyFor(message: string): string {
  if (/executable file .* not found|no such file or directory|exec: /i.test(message))
    return 'Does the image have the program? For a TypeScript flow it is `ostinato`, for a Python one `python` with prefect; or say another one: job variable command.';
  if (/network .* not found|unable to find network/i.test(message))
    return 'Make the network, or name another one: job variable networks.';
  return 'These are the words of the engine: look at the job variables of the deployment and of the pool.';
}
