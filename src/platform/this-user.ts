import { hostname, userInfo } from 'node:os';

/** `somebody@machine`. In a container, the user may have no name. */
export function thisUser(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'somebody');
  }
}
