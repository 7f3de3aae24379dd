/** A load generator for both sides: keeps a number of connections busy with one request each. */

import { Agent, request, type RequestOptions } from 'node:http';

export interface Answered {
  readonly status: number;
  readonly text: string;
}

export interface Client {
  send(method: string, path: string, body?: unknown): Promise<Answered>;
  close(): void;
}

/** @param apiUrl ends in `/api` */
export function connect(apiUrl: string, connections: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port, pathname } = new URL(apiUrl);
  return {
    send: (method, path, body) => sendBy({ agent, hostname, port, path: pathname + path, method }, body),
    close: () => agent.destroy(),
  };
}

function sendBy(to: RequestOptions, body: unknown): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers =
      text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const outgoing = request({ ...to, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    outgoing.on('error', (error) => {
      // A server closes connections that were idle for some seconds, maybe in the moment in which one is used again.
      if (outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET') resolve(sendBy(to, body));
      else reject(new Error(`${to.method} ${to.path} at ${to.port}: ${error.message}`, { cause: error }));
    });
    outgoing.end(text);
  });
}

export interface Load {
  /** Time from one answer that is a success to the next, on average; infinite when there was none. */
  readonly microsecondsEach: number;
  readonly count: number;
  /** Answers with another status than 2xx. */
  readonly failed: number;
  /** 99 of 100 answers came within. */
  readonly p99Microseconds: number;
}

/** @param ask sends the n-th request; called until the time is over or it answers `null` */
export async function load(
  connections: number,
  seconds: number,
  ask: (n: number) => Promise<Answered> | null,
): Promise<Load> {
  const times: number[] = [];
  let failed = 0;
  let next = 0;
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  const worker = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      const sentAt = performance.now();
      const asked = ask(next);
      if (asked === null) return;
      next += 1;
      // A connection that breaks is a failed request: users see it as one.
      const status = await asked.then(
        (answer) => answer.status,
        () => 0,
      );
      times.push(performance.now() - sentAt);
      if (status < 200 || status > 299) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const microseconds = (performance.now() - startedAt) * 1000;
  times.sort((a, b) => a - b);
  return {
    microsecondsEach: microseconds / (times.length - failed),
    count: times.length,
    failed,
    p99Microseconds: (times[Math.floor(times.length * 0.99)] ?? 0) * 1000,
  };
}
