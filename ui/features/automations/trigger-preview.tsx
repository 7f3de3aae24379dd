/** What a trigger says in words, and how many events of the last week it looks at: told while it is written. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { triggerMatchesQuery } from '../../api/automations.ts';
import { printJson } from '../../api/lossless-json.ts';
import { countOf } from '../../components/format.ts';
import { TimeAgo } from '../../components/times.tsx';
import { sentence } from './sentence.ts';
import type { Json } from './rule.ts';

/** A person who types pauses for less than this. */
const PAUSE_MS = 400;

export function TriggerPreview({ trigger }: { readonly trigger: Json }) {
  const text = printJson(trigger);
  const [asked, setAsked] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { data, error, isPlaceholderData } = useQuery(triggerMatchesQuery(asked));
  return (
    <div className="rule-preview" role="status" aria-label="What the trigger looks at" aria-busy={isPlaceholderData}>
      {data === undefined || error !== null ? (
        <p className="muted">{error === null ? 'Looking …' : 'The trigger is not complete yet.'}</p>
      ) : (
        <>
          {data.words.map(({ depth, text: words }, at) => (
            // oxlint-disable-next-line react/no-array-index-key
            <p key={at} style={{ marginInlineStart: `${Math.min(depth, 6) * 1.1}rem` }} dir="auto">
              {sentence(words)}
            </p>
          ))}
          {data.matches.map(({ count, newest }, at) => (
            // oxlint-disable-next-line react/no-array-index-key
            <p key={at} className="muted">
              {data.matches.length > 1 && `${at + 1}. `}
              {count === 0 ? 'No event' : countOf(count, 'event')} of the last 7 days would count
              {newest !== null && (
                <>
                  , the newest <TimeAgo at={newest.occurred} />{' '}
                  <Link to="/events" search={{ event: newest.id }}>
                    (look)
                  </Link>
                </>
              )}
              .
            </p>
          ))}
        </>
      )}
    </div>
  );
}
