/**
 * The exit codes of `ostinato`. `docs/reference/exit-codes.md` is made from this table and that of
 * `core/errors.ts`.
 */

export const EXIT_CODES = {
  0: 'Everything asked for was done.',
  1: 'A run failed or crashed, or its result could not be kept, read or written out.',
  2: 'The request was wrong: usage, a parameter, a setting or a flow file.',
  3: 'What was named does not exist.',
  4: 'It conflicts with how things stand, for instance with a run that is already over.',
  5: 'The store could not be used: unreachable, full, read-only, damaged or newer than this version.',
  70: 'A defect in Ostinato itself.',
  129: 'The terminal was closed (SIGHUP); the run is Crashed and can go on.',
  130: 'The run was cancelled, for instance with Ctrl-C.',
  143: 'The process was terminated (SIGTERM); the run is Crashed and can go on.',
} as const satisfies Record<number, string>;

export const EXIT_OK = 0;
export const EXIT_USAGE = 2;
export const EXIT_DEFECT = 70;
