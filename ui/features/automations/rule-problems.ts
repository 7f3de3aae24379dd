/** What the server says is wrong with an automation, by the part of the form. Pure. */

export interface RuleProblem {
  /** `name`, `trigger`, `actions` and the like; empty for the whole. */
  readonly part: string;
  /** Of an action. */
  readonly index: number | null;
  /** Where in the part, as the server names it; empty for all of it. */
  readonly at: string;
  readonly reason: string;
}

interface Detail {
  readonly loc?: unknown;
  readonly msg?: unknown;
}

/** More are no help. */
const PROBLEMS_SHOWN = 12;

/** @param details the `exception_detail` of a 422; anything else has none */
export function ruleProblems(details: unknown): readonly RuleProblem[] {
  if (!Array.isArray(details)) return [];
  const problems = (details as readonly (Detail | null)[]).flatMap((detail): RuleProblem[] => {
    const { loc, msg } = detail ?? {};
    if (typeof msg !== 'string') return [];
    const [, part = '', ...rest] = Array.isArray(loc) ? loc.map(String) : [];
    const index = part.startsWith('actions') && /^\d+$/.test(rest[0] ?? '') ? Number(rest[0]) : null;
    const at = (index === null ? rest : rest.slice(1)).filter((one) => !isKind(one)).join('.');
    return [{ part, index, at, reason: msg.replace(/^Value error, /, '') }];
  });
  return [...new Map(problems.map((one) => [JSON.stringify(one), one])).values()].slice(0, PROBLEMS_SHOWN);
}

/** Which reading of several was tried: `EventTrigger`, `function-after[…]`. */
function isKind(part: string): boolean {
  return /^[A-Z]|^(?:function-|literal\[|list\[|dict\[|str$|int$)/.test(part);
}

export function problemsOf(
  problems: readonly RuleProblem[],
  part: string,
  index: number | null = null,
): readonly RuleProblem[] {
  return problems.filter((one) => one.part === part && one.index === index);
}

/** Those that no part of the form shows. */
export function otherProblems(problems: readonly RuleProblem[], actionCount: number): readonly RuleProblem[] {
  return problems.filter(
    ({ part, index }) =>
      !['name', 'trigger'].includes(part) && !(part === 'actions' && (index === null || index < actionCount)),
  );
}
