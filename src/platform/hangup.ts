/**
 * Whether the program was to outlive its terminal: started by `nohup`.
 *
 * Node forgets at its start which signals were to be ignored, so that a SIGHUP ends it under `nohup`, too. Shells say
 * in `_` what they have started.
 */
export function isUnderNohup(): boolean {
  return /(?:^|\/)nohup$/.test(process.env['_'] ?? '');
}
