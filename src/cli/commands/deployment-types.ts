import type { Command } from 'commander';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { diskError } from '../../platform/disk-errors.ts';
import { parseName } from '../arguments.ts';
import { withPlane } from '../open-plane.ts';
import { outputOption, printResult, type OutputOptions } from '../output.ts';
import { addExamples } from '../program.ts';
import type { Terminal } from '../terminal.ts';
import { declarationsOf, type TypedDeployment } from '../typed-deployments/declarations.ts';

const DEPLOYMENTS_MAX = 10_000;
const FILE = 'ostinato-deployments.d.ts';

export function define(command: Command, terminal: Terminal): void {
  command
    .description('Write the types of all deployments, so that programs that ask for their runs are type-checked.')
    .option('--file <path>', 'where to write them', parseName, FILE)
    .addOption(outputOption(command))
    .action(({ file, output }: OutputOptions & { readonly file: string }) =>
      withPlane(terminal, async ({ deployments }) => {
        const found = await deployments.list({ limit: DEPLOYMENTS_MAX });
        const flowNames = await deployments.flowNames(found.map(({ plain }) => plain.flow_id));
        const typed = found.map(({ plain }): TypedDeployment => ({
          flowName: flowNames.get(plain.flow_id) ?? '',
          name: plain.name,
          schema: plain.parameter_openapi_schema,
          parameters: plain.parameters,
        }));
        const path = resolve(terminal.workingDirectory, file);
        try {
          writeFileSync(path, declarationsOf(typed));
        } catch (error) {
          throw diskError(error, 'write the types of deployments', path);
        }
        const names = typed.map(({ flowName, name }) => `${flowName}/${name}`);
        printResult(terminal, output, { file: path, deployments: names }, () =>
          [
            `Wrote ${file}: the types of ${names.length} deployment(s).`,
            "Use them: import { deployments } from 'ostinato'; await deployments['FLOW/NAME'].run({ … });",
          ].join('\n'),
        );
      }),
    );
  addExamples(command, [['ostinato types', `writes ${FILE}, which TypeScript finds by itself`]]);
}
