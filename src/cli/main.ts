/** Entry of the command line: parses, runs the command, turns its outcome into an exit code. */
import { CommanderError } from 'commander';

import { SPARE_WORD } from '../platform/spare-process.ts';
import { EXIT_OK } from './exit-codes.ts';
import { printFailure } from './failure.ts';
import { buildProgram, findCommandWord, wantsFlowHelp, wantsJson, type GlobalOptions } from './program.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { printUsageError } from './usage-error.ts';

/**
 * @param words the arguments after `ostinato`.
 * @returns the exit code; a command may also have set `process.exitCode`
 */
export async function main(words: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  if (words[0] === '__complete')
    return await (await import('./completion/values.ts')).completeValues(words.slice(1), terminal);
  if (words[0] === SPARE_WORD) return await (await import('./spare-run.ts')).runSpare((told) => main(told));
  const program = await buildProgram(terminal, { word: findCommandWord(words), json: wantsJson(words) });
  if (wantsFlowHelp(words)) {
    const { addFlowHelp } = await import('./flow-help.ts');
    await addFlowHelp(program, words, terminal);
  }
  program.hook('preAction', () => {
    const { profile } = program.opts<GlobalOptions>();
    // Set in the environment, so that the engine and every child process use the same profile.
    if (profile !== undefined) terminal.environment['OSTINATO_PROFILE'] = profile;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? EXIT_OK);
  } catch (error) {
    // Commander ends help and version with an error of exit code 0.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT_OK;
    if (error instanceof CommanderError) return printUsageError(error, program, words, terminal);
    return printFailure(error, terminal, {
      debug: program.opts<GlobalOptions>().debug === true,
      json: wantsJson(words),
    });
  }
}
