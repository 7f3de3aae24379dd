/** Lowest protocol version that is supported. */
const VERSION_MIN = [0, 8, 0] as const;

/** `null`: the version is supported. @param text of `X-Prefect-Api-Version` */
export function versionProblem(text: string): string | null {
  const match = /^(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (!match)
    return `Invalid X-PREFECT-API-VERSION header format.Expected header in format 'x.y.z' but received ${text.slice(0, 40)}`;
  for (let index = 0; index < 3; index += 1) {
    const difference = Number(match[index + 1]) - (VERSION_MIN[index] as number);
    if (difference > 0) return null;
    if (difference < 0)
      return `The request specified API version ${text} but this server requires version ${VERSION_MIN.join('.')} or higher.`;
  }
  return null;
}
