/** The names of a task's arguments: one name each, whatever the parameters look like. */

export interface InputNames {
  /** Name of the argument at this index. A rest parameter is one input, however many arguments it takes. */
  at(index: number): string;
  /** The arguments by their names. */
  of(args: readonly unknown[]): Readonly<Record<string, unknown>>;
}

/** A function's parameters; `null` for one without a name of its own (destructured, or not readable). */
export interface Parameters {
  readonly names: readonly (string | null)[];
  /** Whether the last one takes all further arguments. */
  readonly hasRest: boolean;
}

/** @param read called on first use: most tasks never need names */
export function inputNames(read: () => Parameters): InputNames {
  let known:
    | { readonly names: readonly string[]; readonly restAt: number; readonly taken: ReadonlySet<string> }
    | undefined;
  const names = (): NonNullable<typeof known> => {
    if (known) return known;
    const { names: declared, hasRest } = read();
    // Of equal names the last one counts, as in JavaScript.
    const given = declared.map((name, index) =>
      name !== null && declared.indexOf(name, index + 1) >= 0 ? null : name,
    );
    const taken = new Set(given.filter((name) => name !== null));
    const all = given.map((name, index) => name ?? free(index, taken));
    return (known = { names: all, restAt: hasRest ? all.length - 1 : Infinity, taken });
  };
  const at = (index: number): string => {
    const { names: all, restAt, taken } = names();
    return all[Math.min(index, restAt)] ?? free(index, taken);
  };
  const of = (args: readonly unknown[]): Readonly<Record<string, unknown>> => {
    const { restAt } = names();
    const single = args.slice(0, restAt).map((arg, index) => [at(index), arg] as const);
    return Object.fromEntries(args.length > restAt ? [...single, [at(restAt), args.slice(restAt)]] : single);
  };
  return { at, of };
}

/** `arg1`, or with a suffix if another parameter has that name. */
function free(index: number, taken: ReadonlySet<string>): string {
  let name = `arg${index}`;
  while (taken.has(name)) name += '_';
  return name;
}
