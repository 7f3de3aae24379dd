import { Link } from '@tanstack/react-router';

import type { TaskInput } from '../../api/task-runs.ts';
import { countOf } from '../../components/format.ts';

interface TaskInputsProps {
  readonly inputs: Readonly<Record<string, readonly TaskInput[]>>;
  /** Of the runs among them, by id. */
  readonly names: Readonly<Record<string, string>>;
  readonly flowRunId: string | null;
}

/** More names than this are not read by anybody; the rest is counted. */
const NAMES_MAX = 12;

/** Where each argument came from: other runs, parameters, or a value of its own. */
export function TaskInputs({ inputs, names, flowRunId }: TaskInputsProps) {
  const entries = Object.entries(inputs).filter(
    ([name]) => name !== '__parents__' || inputs['__parents__']?.length !== 0,
  );
  if (entries.length === 0) return <p className="muted">None came from another run.</p>;
  return (
    <dl className="facts">
      {entries.map(([name, sources]) => (
        <div key={name}>
          <dt>
            <code>{name}</code>
          </dt>
          <dd>
            {sources.length === 0 && <span className="muted">a value of its own</span>}
            {sources.slice(0, NAMES_MAX).map((source, at) => (
              <span key={at}>
                {at > 0 && ', '}
                <InputSource source={source} names={names} flowRunId={flowRunId} />
              </span>
            ))}
            {sources.length > NAMES_MAX && (
              <span className="muted"> and {countOf(sources.length - NAMES_MAX, 'more run')}</span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function InputSource({
  source,
  names,
  flowRunId,
}: {
  readonly source: TaskInput;
  readonly names: Readonly<Record<string, string>>;
  readonly flowRunId: string | null;
}) {
  switch (source.input_type) {
    case 'task_run': {
      const name = names[source.id] ?? `${source.id.slice(0, 8)}…`;
      if (flowRunId === null)
        return (
          <Link to="/runs/task-run/$id" params={{ id: source.id }}>
            {name}
          </Link>
        );
      return (
        <Link to="/runs/flow-run/$id" params={{ id: flowRunId }} search={(old) => ({ ...old, task: source.id })}>
          {name}
        </Link>
      );
    }
    case 'flow_run':
      return (
        <Link to="/runs/flow-run/$id" params={{ id: source.id }}>
          {names[source.id] === undefined ? 'subflow run' : `subflow ${names[source.id]}`}
        </Link>
      );
    case 'map':
      return <span>{countOf(source.count, 'run')} of a map</span>;
    case 'parameter':
      return (
        <span>
          parameter <code>{source.name}</code>
        </span>
      );
    case 'constant':
      return <span>a {source.type}</span>;
  }
}
