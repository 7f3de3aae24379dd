/** What the values of arguments and options name, so that shells can offer those that are there. */

export const VALUE_KINDS = ['runs', 'flows', 'tasks', 'states', 'settings', 'profiles', 'variables', 'artifacts', 'levels'] as const;
export type ValueKind = (typeof VALUE_KINDS)[number];

/** By `<name>`, whatever the command. */
const BY_NAME: Readonly<Record<string, ValueKind>> = {
  run: 'runs', flow: 'flows', 'task-run': 'tasks', state: 'states', level: 'levels', key: 'settings', assignment: 'settings', artifact: 'artifacts',
};
/** `<name>` and `<key>` mean another thing in each command; `null`: a new name. */
const BY_PLACE: Readonly<Record<string, ValueKind | null>> = {
  'task-run inspect <run>': 'tasks', ' --profile': 'profiles', 'flow-run ls --flow': 'flows', 'flow-run ls --name': 'runs', 'task-run ls --name': 'tasks',
  'variable get <name>': 'variables', 'variable set <name>': 'variables', 'variable unset <name>': 'variables', 'variable inspect <name>': 'variables',
  'profile use <name>': 'profiles', 'profile inspect <name>': 'profiles', 'profile delete <name>': 'profiles', 'profile rename <name>': 'profiles',
  'profile create --from': 'profiles', 'artifact ls --key': 'artifacts',
};

/** @param path the command's words. @param name of the argument, without brackets */
export function kindOfArgument(path: readonly string[], name: string): ValueKind | null {
  return BY_PLACE[`${path.join(' ')} <${name}>`] ?? BY_NAME[name] ?? null;
}

/** @param long with its dashes. @param flags as commander has them, for instance `--flow-run <run>` */
export function kindOfOption(path: readonly string[], long: string | null, flags: string): ValueKind | null {
  const placed = BY_PLACE[`${path.join(' ')} ${long ?? ''}`];
  if (placed !== undefined) return placed;
  const value = /[<[]([\w-]+)/.exec(flags)?.[1];
  return value === undefined || value === 'key' ? null : (BY_NAME[value] ?? null);
}
