/** Addresses of Git repositories: those that a worker clones, and why another one is refused. */

/** A transport that runs a program (`ext::`), and an option in place of an address, is none of them. */
const WEB = /^(https?|ssh|git):\/\/(?:[\w.~%+-]+(?::[^@\s/]*)?@)?(?!-)[\w.-]+(?::\d+)?\/(?!-)\S+$/i;
const FILE = /^(?:file:\/\/)?\/(?!-)\S*$/i;
const SCP = /^[\w.~+][\w.~+-]*@(?!-)[\w.-]+:(?!-)[^\s:]+$/;
const BRANCH = /^(?![-./])(?!.*(?:\.\.|@\{|\/\/|\.lock$|[/.]$))[^\s~^:?*[\]\\;&|<>$`'"(){}]+$/;
const COMMIT = /^[0-9a-f]{7,64}$/i;
const FOLDER = /^(?![-.])[\w.-]+$/;

/** Answers which protocols it takes to clone it; `null`: this is no address. */
export function protocolsOf(repository: string): readonly string[] | null {
  if (/\p{Cc}/u.test(repository)) return null;
  if (WEB.test(repository)) return WEB_PROTOCOLS;
  if (SCP.test(repository)) return WEB_PROTOCOLS;
  if (FILE.test(repository) && !repository.includes('::')) return [...WEB_PROTOCOLS, 'file'];
  return null;
}

/** Submodules may come by any of them, whichever the repository itself came by. */
const WEB_PROTOCOLS: readonly string[] = ['https', 'http', 'ssh', 'git'];

export function isBranch(text: string): boolean {
  return BRANCH.test(text);
}

export function isCommit(text: string): boolean {
  return COMMIT.test(text);
}

/** Of one part: no way out of where it is made. */
export function isFolderName(text: string): boolean {
  return FOLDER.test(text);
}

/** As Prefect names the folder of a clone. */
export function cloneName(repository: string, branch: string | null): string {
  const last = repository.replace(/\/+$/, '').split(/[/:]/).at(-1) ?? '';
  const name =
    last
      .replace(/\.git$/, '')
      .replaceAll(/[^\w.-]/g, '-')
      .replace(/^[-.]+/, '') || 'repository';
  return branch === null ? name : `${name}-${branch.replaceAll(/[^\w.-]/g, '-')}`;
}

/** Without what may be a secret in it. */
export function showRepository(repository: string): string {
  return repository.replace(/^(\w+:\/\/)[^@/\s]*@/, '$1');
}

/** Whom the service expects beside a token. */
export function userOfToken(repository: string): string {
  if (/bitbucket/i.test(repository)) return 'x-token-auth';
  return /gitlab/i.test(repository) ? 'oauth2' : 'x-access-token';
}
