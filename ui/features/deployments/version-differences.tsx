/** In what two versions differ: each part with what it was and what it is. */
import type { VersionDifference } from '../../api/deployment-versions.ts';

interface DifferencesProps {
  readonly differences: readonly VersionDifference[];
  /** What stands on the left, and on the right. */
  readonly from: string;
  readonly to: string;
}

export function Differences({ differences, from, to }: DifferencesProps) {
  return (
    <ul className="card differences">
      {differences.map(({ path, from: left, to: right }) => (
        <li key={path} className="difference">
          <strong>{partOf(path)}</strong>
          <Side label={from} text={left} kind="gone" />
          <Side label={to} text={right} kind="new" />
        </li>
      ))}
    </ul>
  );
}

function Side({ label, text, kind }: { readonly label: string; readonly text: string | null; readonly kind: string }) {
  return (
    <div className="difference-side" data-kind={kind}>
      <span className="muted">{label}</span>
      {text === null ? <span className="muted">nothing</span> : <code>{text}</code>}
    </div>
  );
}

const NAMES: Readonly<Record<string, string>> = {
  parameter_openapi_schema: 'what the flow takes',
  enforce_parameter_schema: 'whether parameters are checked',
  concurrency_limit: 'runs at once',
};

function partOf(path: string): string {
  if (path.startsWith('schedules.')) return `schedule ${path.slice('schedules.'.length)}`;
  return NAMES[path] ?? path.replaceAll('_', ' ');
}
