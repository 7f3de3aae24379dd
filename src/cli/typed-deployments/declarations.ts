/** The text of the file that `ostinato types` writes. */

import { typeOfObject } from './type-of-schema.ts';

export interface TypedDeployment {
  readonly flowName: string;
  readonly name: string;
  /** JSON Schema; `null`: any. */
  readonly schema: Readonly<Record<string, unknown>> | null;
  /** What its runs are called with unless they say otherwise. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

const HEAD = `// Written by \`ostinato types\`: deployments and what they take. Write it anew when they change.
import type { DeploymentHandle } from 'ostinato';

declare global {
  interface OstinatoDeployments {
`;

/** By `FLOW/NAME`, and by the name alone where it is one of a kind. */
export function declarationsOf(deployments: readonly TypedDeployment[]): string {
  const lines = new Map<string, string>();
  for (const { flowName, name, schema, parameters } of deployments) {
    const given = Object.keys(parameters);
    const type = schema === null ? '' : `<${typeOfObject(schema, schema, undefined, given)}>`;
    lines.set(`${flowName}/${name}`, `DeploymentHandle${type}`);
    if (deployments.filter((other) => other.name === name).length === 1) lines.set(name, `DeploymentHandle${type}`);
  }
  const members = [...lines].map(([key, type]) => `    readonly ${JSON.stringify(key)}: ${type};\n`);
  return `${HEAD}${members.join('')}  }\n}\n`;
}
