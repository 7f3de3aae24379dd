/**
 * Commands as they are pasted into a shell: they lead to the server that these pages come from, and find a command that
 * only the project has.
 */
export function shellCommand(command: string, origin = location.origin): string {
  return command.startsWith('ostinato ') ? `OSTINATO_API_URL=${origin}/api npx ${command}` : command;
}
