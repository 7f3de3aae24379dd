/**
 * A container engine of the tests' own: Podman, which speaks Docker's API, on a socket in a temporary folder, with its
 * images and containers below that folder.
 *
 * Debian's packages bring the programs; where they are missing and this is root, they are installed. No image is
 * fetched: the one that is there is made from a folder, and has the programs of this machine when `/usr` is mounted.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { ROOT } from './launch.ts';

export interface TestEngine {
  /** As `DOCKER_HOST` has it. */
  readonly address: string;
  readonly folder: string;
  /** The image that is there, an archive of its files, and what is to be mounted for it. */
  readonly image: string;
  readonly layer: string;
  readonly volumes: readonly string[];
  readonly podman: (...words: string[]) => string;
  /** All its containers, also those that have ended: names. */
  readonly containers: () => readonly string[];
  /** The socket is not there any more; what runs goes on. */
  readonly stopService: () => Promise<void>;
  readonly startService: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const IMAGE_ENV = ['PATH=/program:/usr/bin', 'HOME=/home'];
const PACKAGES = ['podman', 'runc', 'conmon'];
const START_TRIES_MAX = 600;

function install(): void {
  const isThere = PACKAGES.every((name) => ['/usr/bin', '/usr/sbin'].some((folder) => existsSync(join(folder, name))));
  if (isThere) return;
  if (process.getuid?.() !== 0) throw new Error(`Podman is missing: install the packages ${PACKAGES.join(', ')}.`);
  console.log(`Set-up: no container engine here; apt-get install ${PACKAGES.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-o', 'DPkg::Lock::Timeout=240'];
  execFileSync('apt-get', ['update'], { env, stdio: 'ignore' });
  execFileSync('apt-get', ['install', ...wait, '-y', '--no-install-recommends', ...PACKAGES], { env, stdio: 'ignore' });
}

/** @param registry from where it may fetch images without encryption: `HOST:PORT` */
export async function startEngine(registry: string): Promise<TestEngine> {
  install();
  // Short: the path of a socket may have about a hundred characters.
  const folder = mkdtempSync(join(tmpdir(), 'ostinato-engine-'));
  const socket = join(folder, 'engine.sock');
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    CONTAINERS_CONF: write(
      'containers.conf',
      // Limits of files and processes as this process may give them on; the machine may have no systemd.
      `[containers]\ndefault_ulimits=["nofile=1024:1024","nproc=1024:1024"]\nlog_driver="k8s-file"\n[engine]\ncgroup_manager="cgroupfs"\nruntime="runc"\nevents_logger="file"\ntmp_dir="${folder}/tmp"\n`,
    ),
    CONTAINERS_STORAGE_CONF: write(
      'storage.conf',
      `[storage]\ndriver="vfs"\ngraphroot="${folder}/storage"\nrunroot="${folder}/run"\n`,
    ),
    CONTAINERS_REGISTRIES_CONF: write('registries.conf', `[[registry]]\nlocation="${registry}"\ninsecure=true\n`),
  };
  const podman = (...words: string[]): string =>
    execFileSync('podman', words, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  let service: ChildProcess | null = null;
  const engine: TestEngine = {
    address: `unix://${socket}`,
    folder,
    image: 'localhost/flows:1',
    layer: join(folder, 'image.tar'),
    volumes: ['/usr:/usr:ro', `${ROOT}:${ROOT}:ro`],
    podman,
    containers: () =>
      podman('ps', '--all', '--format', '{{.Names}}')
        .split('\n')
        .filter((name) => name !== ''),
    async stopService() {
      if (service === null || service.exitCode !== null) return;
      const ended = new Promise((resolve) => service?.once('exit', resolve));
      service.kill('SIGKILL');
      await ended;
      rmSync(socket, { force: true });
    },
    async startService() {
      service = spawn('podman', ['system', 'service', '--time=0', `unix://${socket}`], { env, stdio: 'ignore' });
      await untilReady(service, socket);
    },
    async stop() {
      for (const name of engine.containers()) podman('rm', '--force', '--time', '0', name);
      await engine.stopService();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  importImage(engine);
  await engine.startService();
  return engine;
}

/** Links to what is mounted, and our program. */
function importImage({ folder, image: name, layer: archive, podman }: TestEngine): void {
  const root = join(folder, 'image');
  for (const each of ['usr', 'tmp', 'home', 'program', 'etc', 'proc', 'dev', 'sys'])
    mkdirSync(join(root, each), { recursive: true });
  for (const each of ['bin', 'lib', 'lib64', 'sbin']) symlinkSync(`usr/${each}`, join(root, each));
  const program = join(root, 'program', 'ostinato');
  writeFileSync(
    program,
    `#!/bin/sh\nexec ${join(ROOT, 'node_modules', '.bin', 'node')} ${ROOT}/bin/ostinato.js "$@"\n`,
  );
  chmodSync(program, 0o755);
  execFileSync('tar', ['--create', '--file', archive, '--directory', root, '.']);
  podman('import', ...IMAGE_ENV.flatMap((entry) => ['--change', `ENV ${entry}`]), archive, name);
}

async function untilReady(service: ChildProcess, socket: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    if (service.exitCode !== null) throw new Error(`Podman ended with ${service.exitCode} while it started.`);
    if (await answers(socket)) return;
    if (tries >= START_TRIES_MAX) throw new Error('Podman does not answer.');
    await delay(50);
  }
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping', agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.once('error', () => resolve(false));
    asked.end();
  });
}
