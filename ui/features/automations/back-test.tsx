/** What a rule would have done with the events that are stored, before it is made: asked for by a button. */
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';

import { backTest, type BackTest as Known, type BackTestFiring } from '../../api/back-tests.ts';
import { ApiError } from '../../api/http.ts';
import { printJson } from '../../api/lossless-json.ts';
import { countOf } from '../../components/format.ts';
import { DateTime } from '../../components/times.tsx';
import { ResourceLink } from '../events/resource-link.tsx';
import { hintWords, timesWords, windowWords } from './back-test-words.ts';
import { RuleProblems } from './rule-problem-list.tsx';
import { ruleProblems } from './rule-problems.ts';
import { textOf, type Rule } from './rule.ts';

const SPANS = [
  { days: 1, label: 'Past 24 hours' },
  { days: 7, label: 'Past 7 days' },
  { days: 30, label: 'Past 30 days' },
] as const;

/** @param isWhole whether the rule can be read: a text may be half written */
export function BackTest({ rule, isWhole }: { readonly rule: Rule; readonly isWhole: boolean }) {
  const [days, setDays] = useState(7);
  const [known, setKnown] = useState<Known | null>(null);
  const [tested, setTested] = useState('');
  // What it is called does not matter here.
  const text = printJson(textOf(rule['name']).trim() === '' ? { ...rule, name: 'new' } : rule);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const test = useMutation({
    mutationFn: async () => {
      setKnown(null);
      const controller = new AbortController();
      running.current = controller;
      setTested(text);
      return await backTest(text, days, setKnown, controller.signal);
    },
  });
  const problems = ruleProblems(test.error instanceof ApiError ? test.error.details : null);
  return (
    <section className="card rule-part" aria-label="What it would have done">
      <header className="back-test-head">
        <h2>What it would have done</h2>
        <div className="back-test-ask">
          <select
            className="select"
            aria-label="Of which time"
            value={days}
            onChange={(event) => setDays(Number(event.target.value))}
          >
            {SPANS.map(({ days: value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
          <button type="button" className="button" disabled={!isWhole || test.isPending} onClick={() => test.mutate()}>
            {test.isPending ? 'Looking' : 'Try it'}
          </button>
        </div>
      </header>
      {known === null && !test.isPending && test.error === null && (
        <p className="muted field-note">It is run over the events that are stored. Nothing is done.</p>
      )}
      {test.isPending && <progress aria-label="How far it has come" max={1} value={known?.progress ?? 0} />}
      {test.error !== null && problems.length > 0 && <RuleProblems problems={problems} />}
      {test.error !== null && problems.length === 0 && (
        <p className="form-error" role="alert">
          {test.error.message}
        </p>
      )}
      {known !== null && !test.isPending && tested !== text && (
        <p className="muted field-note">The rule has been changed since.</p>
      )}
      {known !== null && test.error === null && <Found known={known} isOver={!test.isPending} />}
    </section>
  );
}

function Found({ known, isOver }: { readonly known: Known; readonly isOver: boolean }) {
  const { fired, firings, events, since, until, missed, nearMisses, hints, endedEarly } = known;
  return (
    <>
      <p role="status" className="back-test-says">
        It would {isOver ? '' : 'so far '}
        <strong>{timesWords(fired)}</strong>: {countOf(events, 'event')} from <DateTime at={since} /> to{' '}
        <DateTime at={until} />.
      </p>
      {firings.length > 0 && (
        <ol className="firings" aria-label="Firings">
          {firings.map((firing) => (
            <WouldFire key={firing.id} firing={firing} />
          ))}
        </ol>
      )}
      {fired > firings.length && <p className="muted">The first {firings.length} are shown.</p>}
      {missed > 0 && (
        <>
          <p>It would nearly have fired {missed === 1 ? 'once' : `${missed} times`}:</p>
          <ul className="back-test-misses muted">
            {nearMisses.map((window) => (
              <li key={JSON.stringify([window.trigger_id, window.labels, window.start])}>
                {windowWords(window)} from <DateTime at={window.start} /> to <DateTime at={window.end} />
              </li>
            ))}
          </ul>
        </>
      )}
      {isOver &&
        [...(endedEarly === null ? [] : [endedEarly]), ...hints.map(hintWords)].map((said) => (
          <p key={said} dir="auto">
            {said}
          </p>
        ))}
    </>
  );
}

function WouldFire({ firing }: { readonly firing: BackTestFiring }) {
  const { at, event, actions } = firing;
  return (
    <li className="firing">
      <div className="firing-head">
        <span>
          {event === null ? (
            <span className="muted">By the passing of time</span>
          ) : (
            <>
              <Link to="/events" search={{ event: event.id }} title="All that the event says">
                <code>{event.name}</code>
              </Link>{' '}
              <span className="muted">of</span> <ResourceLink id={event.resource_id} name={null} />
            </>
          )}
        </span>
        <span className="muted firing-time">
          <DateTime at={at} />
        </span>
      </div>
      <ul className="receipts" aria-label="What its actions would do">
        {actions.map(({ index, type, target, texts, refusal }) => (
          <li key={index} className="receipt" data-status={refusal === null ? 'waiting' : 'refused'}>
            <span className="receipt-status">{refusal === null ? 'Would do' : 'Refused'}</span>
            <span className="receipt-says">
              <span dir="auto">
                <code>{type}</code> {target !== null && <bdi>{target.name ?? target.id}</bdi>}
              </span>
              {refusal !== null && (
                <span className="muted" dir="auto">
                  {refusal}
                </span>
              )}
              {Object.entries(texts).map(([name, said]) => (
                <span key={name} className="muted" dir="auto">
                  {name}: {said}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </li>
  );
}
