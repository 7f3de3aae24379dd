/** What an engine is told to make: the container of a run. */

import type { Job } from '../infrastructure.ts';
import type { ContainerSettings } from './container-settings.ts';

export type Labels = Readonly<Record<string, string>>;

/** By this name a container reaches the machine of its engine. */
const HOST_NAME = 'host.docker.internal';
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;
const API_ENTRIES = ['OSTINATO_API_URL', 'PREFECT_API_URL'];
const NAME_CHARACTERS_MAX = 100;

export interface BodyParts {
  readonly labels: Labels;
  /** The engine is on this machine: a server that only this machine reaches is reached in its network. */
  readonly isEngineHere: boolean;
}

export function containerBody(job: Job, settings: ContainerSettings, { labels, isEngineHere }: BodyParts): object {
  const { image, command, workingDirectory, env, networks, networkMode, host, container } = settings;
  const isOfThisMachine = API_ENTRIES.some((name) => isLoopback(job.environment[name]));
  const mode = networkMode ?? networks[0] ?? (isOfThisMachine && isEngineHere ? 'host' : null);
  const isByName = isOfThisMachine && mode !== 'host' && mode !== 'none';
  const environment = {
    ...Object.fromEntries(
      Object.entries(job.environment).map(([name, value]) => [
        name,
        isByName && API_ENTRIES.includes(name) ? throughHost(value) : value,
      ]),
    ),
    ...env,
    // What makes it the run's own is not for a deployment to say.
    ...Object.fromEntries(Object.entries(job.environment).filter(([name]) => name.includes('__'))),
  };
  const folder = workingDirectory ?? job.folder;
  const [first] = networks;
  const extraHosts = (host['ExtraHosts'] ?? []) as readonly string[];
  return {
    Image: image,
    Cmd: [...(command ?? job.command)],
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    Labels: labels,
    ...(folder === null ? {} : { WorkingDir: folder }),
    ...container,
    HostConfig: {
      ...host,
      ...(mode === null ? {} : { NetworkMode: mode }),
      ...(isByName ? { ExtraHosts: [...extraHosts, `${HOST_NAME}:host-gateway`] } : {}),
    },
    ...(first === undefined ? {} : { NetworkingConfig: { EndpointsConfig: { [first]: {} } } }),
  };
}

function isLoopback(address: string | undefined): boolean {
  const url = address === undefined ? null : URL.parse(address);
  return url !== null && LOOPBACK.test(url.hostname);
}

function throughHost(address: string): string {
  const url = URL.parse(address);
  if (url === null || !LOOPBACK.test(url.hostname)) return address;
  url.hostname = HOST_NAME;
  return url.href.replace(/\/$/, '');
}

/** A name of a container for the name of a run. */
export function nameFor(runName: string): string {
  const name = runName
    .replaceAll(/[^a-zA-Z0-9_.-]+/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '')
    .slice(0, NAME_CHARACTERS_MAX);
  return name.length > 1 ? name : 'flow-run';
}
