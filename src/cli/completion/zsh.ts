import { flattenTree, type CommandNode } from './command-tree.ts';

/** A script for `source <(ostinato completion zsh)`, or for a file `_ostinato` in a folder of `$fpath`. */
export function zshScript(root: CommandNode): string {
  const nodes = flattenTree(root);
  const known = nodes.filter(({ path }) => path.length > 0).map((node) => quote(trailOf(node)));
  return `#compdef ostinato
# Completion of ostinato for zsh.
_ostinato_values() {
  local -a values
  values=("\${(@f)$(ostinato __complete zsh "$1" 2>/dev/null </dev/null)}")
  values=(\${values:#})
  (( \${#values} )) && compadd -a values
}
_ostinato() {
  local trail='' word kind='' previous="\${words[CURRENT-1]}"
  local -a commands options choices
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$trail $word" in
      (${known.join('|')}) trail="$trail $word" ;;
    esac
  done
  case "$trail:$previous" in
${nodes.flatMap(choiceLines).join('\n')}
  esac
  case "$trail:$previous" in
${nodes.flatMap(valueLines).join('\n')}
    (*) ;;
  esac
  if (( \${#choices} )); then
    _describe 'value' choices
    return
  fi
  case "$trail" in
${nodes.map(wordLine).join('\n')}
  esac
  if [[ "$PREFIX" == -* ]]; then
    _describe -o 'option' options
  elif (( \${#commands} )); then
    _describe 'command' commands
  elif [[ -n "$kind" ]]; then
    _ostinato_values "$kind"
  else
    _files
  fi
}
(( \${+functions[compdef]} )) || { autoload -Uz compinit && compinit; }
compdef _ostinato ostinato
`;
}

function trailOf({ path }: CommandNode): string {
  return path.map((word) => ` ${word}`).join('');
}

function valueLines(node: CommandNode): string[] {
  const any = node.path.length === 0 ? '*' : '';
  return node.options.flatMap(({ short, long, values }) => {
    const patterns = [short, long]
      .filter((name) => name !== null)
      .map((name) => any + quote(`${trailOf(node)}:${name}`));
    return values === null ? [] : [`    (${patterns.join('|')}) _ostinato_values ${values}; return ;;`];
  });
}

function choiceLines(node: CommandNode): string[] {
  return node.options
    .filter(({ choices }) => choices.length > 0)
    .map(({ short, long, choices }) => {
      const patterns = [short, long].filter((name) => name !== null).map((name) => quote(`${trailOf(node)}:${name}`));
      return `    (${patterns.join('|')}) choices=(${choices.map(quote).join(' ')}) ;;`;
    });
}

function wordLine(node: CommandNode): string {
  const commands = [
    ...node.children.map(({ path, summary }) => described(path.at(-1) ?? '', summary)),
    ...node.argumentWords.map(quote),
  ];
  const options = node.options.flatMap(({ long, description }) =>
    long === null ? [] : [described(long, description)],
  );
  return `    (${quote(trailOf(node))}) commands=(${commands.join(' ')}); options=(${options.join(' ')})${node.argumentValues[0] ? `; kind=${node.argumentValues[0]}` : ''} ;;`;
}

/** `_describe` takes `word:meaning`, so a colon in the word would end it. */
function described(word: string, meaning: string): string {
  return quote(`${word.replaceAll(':', '\\:')}:${meaning}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
