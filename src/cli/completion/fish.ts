import { flattenTree, type CommandNode } from './command-tree.ts';

/** A script for `ostinato completion fish | source`, or for `~/.config/fish/completions/ostinato.fish`. */
export function fishScript(root: CommandNode): string {
  const nodes = flattenTree(root);
  const known = nodes.filter(({ path }) => path.length > 0).map(({ path }) => quote(path.join(' ')));
  return `# Completion of ostinato for fish.
function __ostinato_at
    set -l trail
    for word in (commandline -opc)[2..-1]
        set -l longer (string join -- ' ' $trail $word)
        if contains -- "$longer" ${known.join(' ')}
            set trail $trail $word
        end
    end
    set -l here (string join -- ' ' $trail)
    test "$here" = "$argv[1]"
end
complete -c ostinato -e
${nodes.flatMap(completeLines).join('\n')}
`;
}

function completeLines(node: CommandNode): string[] {
  const condition = `complete -c ostinato -n ${quote(`__ostinato_at ${quote(node.path.join(' '))}`)}`;
  const commands = node.children.map(
    ({ path, summary }) => `${condition} -f -a ${quote(path.at(-1) ?? '')} -d ${quote(summary)}`,
  );
  const options = node.options.map(({ short, long, description, takesValue, choices, values }) => {
    const names = [short === null ? '' : ` -s ${short.slice(1)}`, long === null ? '' : ` -l ${long.slice(2)}`].join('');
    const value =
      values !== null
        ? ` -x -a ${quote(valuesOf(values))}`
        : choices.length > 0
          ? ` -x -a ${quote(choices.join(' '))}`
          : takesValue
            ? ' -r'
            : '';
    return `${condition}${names}${value} -d ${quote(description)}`;
  });
  const words = node.argumentWords.map((word) => `${condition} -f -a ${quote(word)}`);
  const [kind] = node.argumentValues;
  const values = kind ? [`${condition} -f -a ${quote(valuesOf(kind))}`] : [];
  return [...commands, ...words, ...values, ...options];
}

function valuesOf(kind: string): string {
  return `(ostinato __complete fish ${kind} 2>/dev/null </dev/null)`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
