import type { RuleProblem } from './rule-problems.ts';

/** What is wrong with a part of the form. */
export function RuleProblems({ problems }: { readonly problems: readonly RuleProblem[] }) {
  if (problems.length === 0) return null;
  return (
    <ul className="rule-problems" role="alert">
      {problems.map((problem) => (
        <li key={JSON.stringify(problem)} className="field-problem">
          {problem.at === '' ? problem.reason : `${problem.at}: ${problem.reason}`}
        </li>
      ))}
    </ul>
  );
}
