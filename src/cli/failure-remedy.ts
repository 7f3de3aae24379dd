/**
 * Remedies for errors of users' code, where the error tells its cause: a table with one entry a cause; the first that
 * matches is used.
 */

interface Facts {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly path: string;
}

interface Entry {
  readonly fits: (facts: Facts) => boolean;
  readonly remedy: (facts: Facts) => string;
}

const DEPTH_MAX = 8;

const code =
  (...codes: readonly string[]) =>
  (facts: Facts): boolean =>
    codes.includes(facts.code);
const says =
  (name: string, words: RegExp) =>
  (facts: Facts): boolean =>
    facts.name === name && words.test(facts.message);

const ENTRIES: readonly Entry[] = [
  {
    fits: code('ECONNREFUSED'),
    remedy: ({ message }) => `Nothing listens${at(message)}: start what should answer there, or correct the address.`,
  },
  {
    fits: code('ENOTFOUND', 'EAI_AGAIN'),
    remedy: ({ message }) =>
      `The host name${/ENOTFOUND ([\w.-]+)/.exec(message)?.[1]?.replace(/^/, ' ') ?? ''} is not known here: check its spelling, and the network.`,
  },
  {
    fits: code(
      'ECONNRESET',
      'ETIMEDOUT',
      'EPIPE',
      'UND_ERR_CONNECT_TIMEOUT',
      'UND_ERR_HEADERS_TIMEOUT',
      'UND_ERR_SOCKET',
    ),
    remedy: () =>
      'The other side broke off or was too slow, which may pass: give the task retries, for instance { retries: 3, retryDelaySeconds: 10 }.',
  },
  {
    fits: code('ENOENT'),
    remedy: ({ path }) =>
      `There is no ${path === '' ? 'such file' : path}: relative paths begin where the command is called (${process.cwd()}); import.meta.dirname is the folder of the file.`,
  },
  {
    fits: code('EACCES', 'EPERM'),
    remedy: ({ path }) => `This user may not use ${path === '' ? 'it' : path}: check owner and mode.`,
  },
  { fits: code('EADDRINUSE'), remedy: () => 'Another program has that port: end it, or take another one.' },
  { fits: code('ENOSPC'), remedy: () => 'The disk is full: make room, then go on where it stood.' },
  {
    fits: code('ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'),
    remedy: () => 'Install the package (npm install NAME), or check the path of the import.',
  },
  {
    fits: says('TypeError', /^Cannot read properties of (?:undefined|null)/),
    remedy: ({ message }) =>
      `What stands before .${/reading '([^']+)'/.exec(message)?.[1] ?? 'it'} is ${/of (undefined|null)/.exec(message)?.[1] ?? 'nothing'} there: was it passed, and does it have that name?`,
  },
  {
    fits: says('TypeError', /is not a function/),
    remedy: () => 'What is called there is something else: check its name, and how it is imported.',
  },
  {
    fits: says('TypeError', /is not iterable/),
    remedy: () => 'A list was expected there: a call of a task needs an await before it is one.',
  },
  {
    fits: says('ReferenceError', /is not defined/),
    remedy: ({ message }) => `${/^(\S+) is/.exec(message)?.[1] ?? 'The name'} is no name there: import or define it.`,
  },
  {
    fits: ({ name, message }) => name === 'SyntaxError' && /JSON/.test(message),
    remedy: () => 'What was to be JSON is something else: look at the text before it is parsed.',
  },
];

/** `null` where the error does not tell its cause. */
export function remedyOf(error: unknown): string | null {
  let found = error;
  for (let depth = 0; found instanceof Error && depth < DEPTH_MAX; depth += 1) {
    const facts = factsOf(found);
    const entry = ENTRIES.find(({ fits }) => fits(facts));
    if (entry !== undefined) return entry.remedy(facts);
    found = found.cause ?? (found instanceof AggregateError ? (found.errors as unknown[])[0] : undefined);
  }
  return null;
}

function factsOf(error: Error): Facts {
  const { code: given, path } = error as NodeJS.ErrnoException;
  return {
    name: error.name,
    code: typeof given === 'string' ? given : '',
    message: error.message,
    path: typeof path === 'string' ? path : '',
  };
}

function at(message: string): string {
  const address = /ECONNREFUSED (\S+)/.exec(message)?.[1];
  return address === undefined ? ' there' : ` at ${address}`;
}
