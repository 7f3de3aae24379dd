import { flattenTree, type CommandNode } from './command-tree.ts';

/** A script for `source <(ostinato completion bash)`; works with bash 3.2, which macOS has. */
export function bashScript(root: CommandNode): string {
  const nodes = flattenTree(root);
  const known = nodes
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => `'${path.map((word) => ` ${word}`).join('')}'`);
  return `# Completion of ostinato for bash.
_ostinato_values() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(ostinato __complete bash "$1" "$2" 2>/dev/null </dev/null)
}
_ostinato() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" trail='' words='' index
  for ((index = 1; index < COMP_CWORD; index += 1)); do
    case "$trail \${COMP_WORDS[index]}" in
      ${known.join(' | ')}) trail="$trail \${COMP_WORDS[index]}" ;;
    esac
  done
  case "$trail:$previous" in
${nodes.flatMap(choiceLines).join('\n')}
  esac
  case "$trail" in
${nodes.map(wordLine).join('\n')}
  esac
  if [[ "$current" != -* ]]; then
    words="\${words%%--*}"
    case "$trail" in
${nodes.flatMap(argumentLines).join('\n')}
      *) ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _ostinato ostinato
`;
}

function trailOf({ path }: CommandNode): string {
  return path.map((word) => ` ${word}`).join('');
}

/** After an option with choices, only these are offered. */
function choiceLines(node: CommandNode): string[] {
  return node.options
    .filter(({ choices, values }) => choices.length > 0 || values !== null)
    .map(({ short, long, choices, values }) => {
      const trail = node.path.length === 0 ? '*' : '';
      const patterns = [short, long]
        .filter((name) => name !== null)
        .map((name) => `${trail}'${trailOf(node)}:${name}'`);
      if (values !== null) return `    ${patterns.join(' | ')}) _ostinato_values ${values} "$current"; return ;;`;
      return `    ${patterns.join(' | ')}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$current")); return ;;`;
    });
}

/** The values of arguments, where they are of one kind: of the first, in bash. */
function argumentLines(node: CommandNode): string[] {
  const kind = node.argumentValues[0] ?? null;
  return kind === null ? [] : [`      '${trailOf(node)}') _ostinato_values ${kind} "$current"; return ;;`];
}

/** Subcommands stand before long options, as the script offers options only after a dash. */
function wordLine(node: CommandNode): string {
  const words = [
    ...node.children.map(({ path }) => path.at(-1) ?? ''),
    ...node.argumentWords,
    ...node.options.map(({ long }) => long ?? ''),
  ];
  return `    '${trailOf(node)}') words='${words.filter(Boolean).join(' ')}' ;;`;
}
