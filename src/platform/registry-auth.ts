/** Who this user is at a registry of images, as `docker login` has written it down. */

import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const DOCKER_HUB = 'https://index.docker.io/v1/';

interface Login {
  readonly auth?: unknown;
  readonly identitytoken?: unknown;
}

/**
 * The header by which an engine is told so; `null`: nothing is written down. What a helper program keeps is not read:
 * engines that fetch for their own user, as Podman, know it themselves.
 */
export function registryAuth(image: string, environment: Readonly<Record<string, string | undefined>>): string | null {
  const login = loginsIn(environment)[registryOf(image)];
  const pair = typeof login?.auth === 'string' ? Buffer.from(login.auth, 'base64').toString('utf8') : '';
  const colon = pair.indexOf(':');
  if (colon < 0) return null;
  const token = typeof login?.identitytoken === 'string' ? { identitytoken: login.identitytoken } : {};
  const said = {
    username: pair.slice(0, colon),
    password: pair.slice(colon + 1),
    serveraddress: registryOf(image),
    ...token,
  };
  return Buffer.from(JSON.stringify(said)).toString('base64url');
}

/** `registry.example.org/name` → `registry.example.org`; a name without one is of Docker's. */
function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : DOCKER_HUB;
}

function loginsIn(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, Login | undefined>> {
  const folder = environment['DOCKER_CONFIG'] ?? join(environment['HOME'] ?? homedir(), '.docker');
  try {
    const { auths } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as { readonly auths?: unknown };
    return typeof auths === 'object' && auths !== null ? (auths as Readonly<Record<string, Login>>) : {};
  } catch {
    // Nobody has logged in.
    return {};
  }
}
