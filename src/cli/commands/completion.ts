import type { Command } from 'commander';

import { bashScript } from '../completion/bash.ts';
import { describeCommand } from '../completion/command-tree.ts';
import { fishScript } from '../completion/fish.ts';
import { zshScript } from '../completion/zsh.ts';
import { addExamples, buildProgram } from '../program.ts';
import type { Terminal } from '../terminal.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };

export function define(command: Command, terminal: Terminal): void {
  command
    .addArgument(command.createArgument('<shell>', 'the shell to complete in').choices(Object.keys(SCRIPTS)))
    .action(async (shell: keyof typeof SCRIPTS) => {
      const program = await buildProgram(terminal, { all: true });
      terminal.out(SCRIPTS[shell](describeCommand(program)));
    });
  addExamples(command, [
    ['source <(ostinato completion bash)', 'in ~/.bashrc'],
    ['source <(ostinato completion zsh)', 'in ~/.zshrc'],
    ['ostinato completion fish | source', 'in ~/.config/fish/config.fish'],
  ]);
}
