/**
 * `ostinato automation create`, `update`, `apply` and `export`. Everything that can be known to be wrong with a file is
 * told before anything of it is sent.
 */

import { relative, resolve } from 'node:path';

import { automationsOf, findAutomation, type AutomationClient } from '../client/control/automations.ts';
import type { AutomationFields } from '../client/control/automations.ts';
import type { Automation } from '../contract/automation.ts';
import type { BothViews } from '../contract/wire-json.ts';
import { OstinatoError } from '../core/errors.ts';
import { differences, type Difference } from './automation-file/difference.ts';
import { readAutomationFile } from './automation-file/read-file.ts';
import { settle, type SettledAutomation } from './automation-file/resolve-names.ts';
import { fileOf, yamlOf } from './automation-file/write-file.ts';
import type { Fields } from './automation-file/written-part.ts';
import type { ApplyAutomationOptions, AutomationFileOptions } from './commands/automation-file.ts';
import { inOrder, refuseFile } from './deployment-file/complaints.ts';
import { readFileText } from './deployment-file/read-text.ts';
import type { Complaint } from './deployment-file/written-document.ts';
import { withPlane, type PlaneContext } from './open-plane.ts';
import { printJson, printResult, type OutputFormat } from './output.ts';
import type { Terminal } from './terminal.ts';

const SHOWN_MAX = 60;
const EXPORT_IT = 'Write one with: ostinato automation export NAME > FILE';

type What = 'created' | 'updated' | 'unchanged';

/** What becomes of one automation of a file. */
interface Step extends SettledAutomation {
  /** `null`: there is none yet. */
  readonly there: BothViews<Automation> | null;
  readonly what: What;
  readonly changes: readonly Difference[];
}

export async function createAutomations(
  terminal: Terminal,
  { fromFile, output }: AutomationFileOptions,
): Promise<void> {
  await withPlane(terminal, async (context) => {
    const wanted = await automationsIn(context, fromFile);
    const automations = automationsOf(context.plane);
    for (const { name } of wanted) {
      const [found] = await automations.list({ limit: 1, name });
      if (found === undefined) continue;
      throw new OstinatoError('conflict', `There is an automation "${name}" already; nothing was created.`, {
        remedy: `Change it with: ostinato automation apply -f ${fromFile}`,
      });
    }
    const steps = wanted.map((each): Step => ({ ...each, there: null, what: 'created', changes: [] }));
    print(terminal, output, await carryOut(automations, steps), false);
  });
}

export async function updateAutomation(
  terminal: Terminal,
  word: string,
  { fromFile, output }: AutomationFileOptions,
): Promise<void> {
  await withPlane(terminal, async (context) => {
    const [wanted, other] = await automationsIn(context, fromFile);
    if (wanted === undefined || other !== undefined)
      throw new OstinatoError('bad-input', `${fromFile} has more than one automation; nothing was applied.`, {
        remedy: `Apply all of them by their names with: ostinato automation apply -f ${fromFile}`,
      });
    const automations = automationsOf(context.plane);
    const there = await findAutomation(automations, word);
    print(terminal, output, await carryOut(automations, [changing(wanted, there)]), false);
  });
}

export async function applyAutomations(
  terminal: Terminal,
  { fromFile, output, dryRun = false }: ApplyAutomationOptions,
): Promise<void> {
  await withPlane(terminal, async (context) => {
    const wanted = await automationsIn(context, fromFile, true);
    const automations = automationsOf(context.plane);
    const steps: Step[] = [];
    for (const each of wanted) {
      const [there, other] = await automations.list({ limit: 2, name: each.name });
      if (other !== undefined)
        throw new OstinatoError('bad-input', `Several automations have the name "${each.name}"; nothing was applied.`, {
          remedy: 'Change one by its id: ostinato automation update ID -f FILE',
        });
      steps.push(there === undefined ? { ...each, there: null, what: 'created', changes: [] } : changing(each, there));
    }
    print(terminal, output, dryRun ? steps.map(reportOf) : await carryOut(automations, steps), dryRun);
  });
}

function changing(wanted: SettledAutomation, there: BothViews<Automation>): Step {
  const changes = differences(there.exact as unknown as Fields, wanted.fields);
  return { ...wanted, there, changes, what: changes.length === 0 ? 'unchanged' : 'updated' };
}

/** All that a file says, checked as far as it can be. @param isByName then each name stands once */
export async function automationsIn(
  context: PlaneContext,
  word: string,
  isByName = false,
): Promise<readonly SettledAutomation[]> {
  const base = context.terminal.workingDirectory;
  const shown = relative(base, resolve(base, word));
  const of = { what: 'automations', remedy: EXPORT_IT };
  const { automations, complaints } = readAutomationFile(
    readFileText({ path: resolve(base, word), shown, remedy: EXPORT_IT, of }),
  );
  const wrong: Complaint[] = [...complaints];
  const settled: SettledAutomation[] = [];
  for (const [index, automation] of automations.entries()) {
    if (isByName && automations.findIndex(({ name }) => name === automation.name) < index) {
      const message = `The automation ${JSON.stringify(automation.name)} stands in the file a second time.`;
      wrong.push({ ...automation.placeOf(['name']), message, advice: 'Give it another name.' });
    }
    const found = await settle(context, automation);
    if ('fields' in found) settled.push(found);
    else wrong.push(...found);
  }
  if (wrong.length > 0) throw refuseFile(inOrder(wrong), shown);
  if (settled.length > 0) return settled;
  throw new OstinatoError('bad-input', `${shown} has no automation.`, { remedy: EXPORT_IT });
}

interface Report {
  readonly id: string | null;
  readonly name: string;
  readonly what: What;
  readonly changes: readonly Difference[];
}

function reportOf({ there, name, what, changes }: Step): Report {
  return { id: there?.plain.id ?? null, name, what, changes };
}

/** One after the other: what was done before one is refused is told. */
async function carryOut(automations: AutomationClient, steps: readonly Step[]): Promise<readonly Report[]> {
  const done: Report[] = [];
  for (const step of steps) {
    try {
      const fields = step.fields as unknown as AutomationFields;
      const report = reportOf(step);
      if (step.there === null) done.push({ ...report, id: (await automations.create(fields)).plain.id });
      else {
        // One that is changed counts anew: where nothing differs, it is left alone.
        if (step.what === 'updated') await automations.replace(step.there.plain.id, fields);
        done.push(report);
      }
    } catch (error) {
      const before = done.filter(({ what }) => what !== 'unchanged').map(({ name, what }) => `"${name}" was ${what}`);
      if (before.length === 0 || !OstinatoError.is(error)) throw error;
      throw new OstinatoError(
        error.code,
        `${error.message} (automation "${step.name}"; ${before.join(', ')} before it)`,
        { cause: error, ...(error.remedy === undefined ? {} : { remedy: error.remedy }) },
      );
    }
  }
  return done;
}

function print(terminal: Terminal, output: OutputFormat, reports: readonly Report[], isDry: boolean): void {
  printResult(terminal, output, reports, () =>
    reports
      .flatMap(({ id, name, what, changes }) => [
        what === 'unchanged'
          ? `Automation ${name} is as the file says.`
          : `Automation ${name} ${isDry ? 'would be' : 'is'} ${what}${id === null ? '' : ` (${id})`}.`,
        ...changes.map(({ path, from, to }) => `  ${path}: ${short(from)} → ${short(to)}`),
      ])
      .join('\n'),
  );
}

function short(json: string | null): string {
  const text = json ?? 'nothing';
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX - 1)}…` : text;
}

export async function exportAutomation(terminal: Terminal, word: string, format: 'yaml' | 'json'): Promise<void> {
  await withPlane(terminal, async ({ plane }) => {
    const { exact } = await findAutomation(automationsOf(plane), word);
    const file = fileOf(exact as unknown as Fields);
    if (format === 'json') printJson(terminal, file);
    else terminal.out(yamlOf(file));
  });
}
