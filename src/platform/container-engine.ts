/**
 * Speaks with a container engine (Docker, Podman) over its HTTP API: by its socket, or over TCP with certificates.
 * Ten requests are all that a worker needs (ADR 068).
 */

import { existsSync, readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { OstinatoError } from '../core/errors.ts';

type Entries = Readonly<Record<string, string | undefined>>;

export interface EnginePlace {
  /** As `DOCKER_HOST` has it: `unix:///var/run/docker.sock`, `tcp://host:2376`. */
  readonly address: string;
  readonly options: RequestOptions;
  readonly isEncrypted: boolean;
}

const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
/** For an answer that does not wait for anything. */
const ANSWER_MS = 60_000;

/** Where an engine is looked for when `DOCKER_HOST` does not say: those that exist, in this order. */
function usualSockets(environment: Entries): readonly string[] {
  const runtime = environment['XDG_RUNTIME_DIR'];
  return [
    '/var/run/docker.sock',
    ...(runtime === undefined ? [] : [join(runtime, 'docker.sock'), join(runtime, 'podman', 'podman.sock')]),
    join(homedir(), '.docker', 'run', 'docker.sock'),
    '/run/podman/podman.sock',
  ];
}

/** @throws `bad-input`: none is named, and none is there; or what is named cannot be spoken with */
export function findEngine(environment: Entries): EnginePlace {
  const stated = environment['DOCKER_HOST']?.trim() ?? '';
  if (stated !== '') return placeOf(stated, environment);
  const sockets = usualSockets(environment);
  const found = sockets.find((path) => existsSync(path));
  if (found !== undefined) return placeOf(`unix://${found}`, environment);
  throw new OstinatoError(
    'bad-input',
    `No container engine is there: DOCKER_HOST is not set, and there is no socket at ${sockets.join(', ')}.`,
    {
      remedy:
        'Start Docker or Podman (systemctl start podman.socket), or say where it is: export DOCKER_HOST=unix:///PATH',
    },
  );
}

function placeOf(address: string, environment: Entries): EnginePlace {
  if (address.startsWith('unix://') && address.length > 'unix://'.length)
    return { address, options: { socketPath: address.slice('unix://'.length) }, isEncrypted: false };
  const url = URL.parse(address);
  if (url === null || !['tcp:', 'http:', 'https:'].includes(url.protocol) || url.hostname === '')
    throw new OstinatoError('bad-input', `DOCKER_HOST cannot be ${JSON.stringify(address)}.`, {
      remedy:
        'Write unix:///PATH or tcp://HOST:PORT. For an engine that is reached by ssh, forward its socket: ssh -L /tmp/engine.sock:/var/run/docker.sock HOST',
    });
  const isEncrypted = url.protocol === 'https:' || (environment['DOCKER_TLS_VERIFY'] ?? '') !== '';
  const port = url.port === '' ? (isEncrypted ? 2376 : 2375) : Number(url.port);
  return {
    address,
    options: { host: url.hostname.replace(/^\[|\]$/g, ''), port, ...(isEncrypted ? certificates(environment) : {}) },
    isEncrypted,
  };
}

function certificates(environment: Entries): object {
  const folder = environment['DOCKER_CERT_PATH'] ?? join(homedir(), '.docker');
  const read = (name: string): Buffer | undefined =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : undefined;
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** It may take as long as it likes: it waits for something. */
  readonly isPatient?: boolean;
  readonly signal?: AbortSignal;
}

export interface EngineAnswer {
  readonly status: number;
  /** What it answered, from JSON; `null`: nothing, or no JSON. */
  readonly body: unknown;
}

export class ContainerEngine {
  readonly #place: EnginePlace;

  constructor(place: EnginePlace) {
    this.#place = place;
  }

  get address(): string {
    return this.#place.address;
  }

  /** Whether it is on this machine: what is loopback here is so there. */
  get isHere(): boolean {
    return this.#place.options.socketPath !== undefined && process.platform === 'linux';
  }

  /** @throws `upstream-failed`: it does not answer */
  async ask(asked: EngineRequest): Promise<EngineAnswer> {
    const answer = await this.#send(asked);
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX) throw new Error('its answer is too long');
        chunks.push(chunk);
      }
    } catch (error) {
      throw this.#away(error);
    }
    return { status: answer.statusCode ?? 0, body: parsed(Buffer.concat(chunks).toString('utf8')) };
  }

  /**
   * What it answers, as it comes. @param onBytes hears each piece @returns the answer that is no success, or `null`
   * @throws `upstream-failed`: it does not answer, or broke off
   */
  async stream(asked: EngineRequest, onBytes: (bytes: Buffer) => void): Promise<EngineAnswer | null> {
    const answer = await this.#send({ ...asked, isPatient: true });
    const status = answer.statusCode ?? 0;
    const isWell = status >= 200 && status < 300;
    const said: Buffer[] = [];
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        if (isWell) onBytes(chunk);
        else if (said.length < 100) said.push(chunk);
      }
    } catch (error) {
      throw this.#away(error);
    }
    return isWell ? null : { status, body: parsed(Buffer.concat(said).toString('utf8')) };
  }

  #send({ method, path, body, headers, isPatient = false, signal }: EngineRequest): Promise<IncomingMessage> {
    const { options, isEncrypted } = this.#place;
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = (isEncrypted ? httpsRequest : httpRequest)(
        {
          ...options,
          method,
          path,
          // A connection of its own: one that waits keeps no other from being asked.
          agent: false,
          headers: {
            host: 'engine',
            ...(text === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
            ...headers,
          },
          ...(signal === undefined ? {} : { signal }),
        },
        resolve,
      );
      if (!isPatient) sent.setTimeout(ANSWER_MS, () => sent.destroy(new Error(`no answer in ${ANSWER_MS / 1000} s`)));
      sent.once('error', (error) => reject(this.#away(error)));
      sent.end(text);
    });
  }

  #away(cause: unknown): OstinatoError {
    const why = cause instanceof Error ? cause.message : String(cause);
    const code = (cause as { readonly code?: unknown } | null)?.code;
    const remedy =
      code === 'EACCES'
        ? 'This user may not use its socket: add it to the group of the socket (usermod -aG docker USER), and log in again.'
        : 'Is it running? Start it (systemctl start docker, systemctl start podman.socket), or say where it is: export DOCKER_HOST=unix:///PATH';
    return new OstinatoError('upstream-failed', `The container engine at ${this.address} does not answer: ${why}.`, {
      remedy,
      cause,
    });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text === '' ? null : { message: text.slice(0, 1000) };
  }
}
