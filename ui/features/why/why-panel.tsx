import { useQuery } from '@tanstack/react-query';

import { explanationQuery } from '../../api/explanations.ts';
import { isTerminal, type State, type StateType } from '../../api/states.ts';
import { formatPreciseTime, isoTitle } from '../../components/format.ts';
import { Icon } from '../../components/icon.tsx';
import { lazyPage } from '../connection/lazy-page.tsx';
import { WhyText } from './why-text.tsx';

// One file of styles for the pages of runs, since each file has its price.
import '../../graph/timeline.css';
import '../flow-runs/run-page.css';
import './why.css';

const FailureView = lazyPage(null, async () => (await import('../failures/failure-view.tsx')).FailureView);

interface WhyPanelProps {
  readonly kind: 'flow-run' | 'task-run';
  readonly runId: string;
  /** What went well explains itself: the panel is closed then. */
  readonly stateType: StateType | null;
  /** What it failed by, where it did. */
  readonly failure?: State['failure'] | undefined;
}

/** Why the run is as it is, told from recorded facts. Nothing at all on a server that does not explain. */
export function WhyPanel({ kind, runId, stateType, failure }: WhyPanelProps) {
  const { data: explanation } = useQuery(explanationQuery(kind, runId));
  if (explanation === null || explanation === undefined) return null;
  const { headline, because, next, moving } = explanation;
  return (
    <details
      className="why card"
      open={stateType !== 'COMPLETED'}
      data-tone={stateType === 'FAILED' || stateType === 'CRASHED' ? 'bad' : 'plain'}
    >
      <summary>
        <Icon name="question" />
        <span>
          <span className="why-word">Why?</span> <WhyText text={headline} moving={moving} />
        </span>
        <Icon name="down" />
      </summary>
      <div className="why-body">
        <ol>
          {because.map(({ fact, when, about: named, moving: since }, at) => (
            <li key={at}>
              <span>
                <WhyText text={fact} about={named} moving={since} flowRunId={kind === 'flow-run' ? runId : null} />
              </span>
              {when !== null && (
                <time className="muted" dateTime={when} title={isoTitle(when)}>
                  {formatPreciseTime(Date.parse(when))}
                </time>
              )}
            </li>
          ))}
        </ol>
        {next !== '' && (
          <p className="why-next">
            <strong>Next:</strong> <WhyText text={next} hasCommands />
          </p>
        )}
        {failure !== null && failure !== undefined && isTerminal(stateType) && (
          <div className="why-failure">
            <FailureView failure={failure} />
          </div>
        )}
      </div>
    </details>
  );
}
