/** What the values of arguments and options name, so that shells can offer those that are there. */

/** The names of all there are of a noun of the control plane: `<noun>s`. */
type NounKind = `${string}s`;
export type ValueKind =
  | 'runs'
  | 'flows'
  | 'tasks'
  | 'states'
  | 'settings'
  | 'profiles'
  | 'artifacts'
  | 'levels'
  | 'deployments'
  | 'pools'
  | 'queues'
  | 'backfills'
  | 'automations'
  | 'alerts'
  | NounKind;

/** By `<name>`, whatever the command. */
const BY_NAME: Readonly<Record<string, ValueKind>> = {
  run: 'runs',
  flow: 'flows',
  'task-run': 'tasks',
  state: 'states',
  level: 'levels',
  key: 'settings',
  assignment: 'settings',
  artifact: 'artifacts',
  deployment: 'deployments',
  pool: 'pools',
  queue: 'queues',
  backfill: 'backfills',
  automation: 'automations',
  alert: 'alerts',
};
/** Where `<name>` and `<key>` mean something else than in other commands; `null`: a new name. */
const BY_PLACE: Readonly<Record<string, ValueKind | null>> = {
  'task-run inspect <run>': 'tasks',
  ' --profile': 'profiles',
  'flow-run ls --flow': 'flows',
  'flow-run ls --name': 'runs',
  'task-run ls --name': 'tasks',
  'alert ls --state': null,
  'profile use <name>': 'profiles',
  'profile inspect <name>': 'profiles',
  'profile delete <name>': 'profiles',
  'profile rename <name>': 'profiles',
  'profile create <name>': null,
  'profile create --from': 'profiles',
  'artifact ls --key': 'artifacts',
  'work-pool create <pool>': null,
  'work-queue create <queue>': null,
  ...Object.fromEntries(
    ['deployment build', 'worker start', 'worker ls', 'agent start'].flatMap((place) => [
      [`${place} --pool`, 'pools'] as const,
      [`${place} --work-queue`, 'queues'] as const,
    ]),
  ),
};

/** @param path the command's words. @param name of the argument, without brackets */
export function kindOfArgument(path: readonly string[], name: string): ValueKind | null {
  const placed = BY_PLACE[`${path.join(' ')} <${name}>`];
  if (placed !== undefined) return placed;
  return BY_NAME[name] ?? (name === 'name' && path.length === 2 ? `${path[0]}s` : null);
}

/** @param long with its dashes. @param flags as commander has them, for instance `--flow-run <run>` */
export function kindOfOption(path: readonly string[], long: string | null, flags: string): ValueKind | null {
  const placed = BY_PLACE[`${path.join(' ')} ${long ?? ''}`];
  if (placed !== undefined) return placed;
  const value = /[<[]([\w-]+)/.exec(flags)?.[1];
  return value === undefined || value === 'key' ? null : (BY_NAME[value] ?? null);
}
