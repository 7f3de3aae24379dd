import { useQuery } from '@tanstack/react-query';

import { explanationQuery } from '../../api/explanations.ts';
import type { StateType } from '../../api/states.ts';
import { formatPreciseTime } from '../../components/format.ts';
import { Icon } from '../../components/icon.tsx';
import { WhyText } from './why-text.tsx';

import './why.css';

interface WhyPanelProps {
  readonly kind: 'flow-run' | 'task-run';
  readonly runId: string;
  /** What went well explains itself: the panel is closed then. */
  readonly stateType: StateType | null;
}

/** Why the run is as it is, told from recorded facts. Nothing at all on a server that does not explain. */
export function WhyPanel({ kind, runId, stateType }: WhyPanelProps) {
  const { data: explanation } = useQuery(explanationQuery(kind, runId));
  if (explanation === null || explanation === undefined) return null;
  const { headline, because, next } = explanation;
  return (
    <details className="why card" open={stateType !== 'COMPLETED'} data-tone={stateType === 'FAILED' || stateType === 'CRASHED' ? 'bad' : 'plain'}>
      <summary>
        <Icon name="question" />
        <span><span className="why-word">Why?</span> {headline}</span>
        <Icon name="down" />
      </summary>
      <div className="why-body">
        <ol>
          {because.map(({ fact, when }, at) => (
            <li key={at}>
              <span>{fact}</span>
              {when !== null && <time className="muted" dateTime={when}>{formatPreciseTime(Date.parse(when))}</time>}
            </li>
          ))}
        </ol>
        {next !== '' && <p className="why-next"><strong>Next:</strong> <WhyText text={next} /></p>}
      </div>
    </details>
  );
}
