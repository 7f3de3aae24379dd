/** Search over everything: type, choose with the arrows, Enter goes there. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';

import { searchQuery } from '../../api/search.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Icon } from '../../components/icon.tsx';
import { TEXT_MAX } from '../../components/search-values.ts';
import { StateBadge } from '../states/state-badge.tsx';
import { targetsOf, type Target } from './search-targets.ts';

import './search.css';

/** Between two letters less time passes. */
const PAUSE_MS = 150;

export function SearchDialog({ given, onClose }: { readonly given: string; readonly onClose: () => void }) {
  const [text, setText] = useState(given);
  const [asked, setAsked] = useState(given.trim());
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const { data, error, isFetching, isPlaceholderData } = useQuery(searchQuery(asked));
  const targets = targetsOf(text, asked === '' ? undefined : data);
  const isSettled = asked === text.trim() && !isPlaceholderData && !isFetching;
  return (
    <Dialog title="Search" onClose={onClose}>
      <Chooser text={text} targets={targets} isSettled={isSettled} onText={setText} onClose={onClose} />
      <p className="search-says muted" role="status">
        {error !== null && isSettled
          ? error.message
          : saysOf(asked, targets.length, isSettled, data?.is_partial === true)}
      </p>
    </Dialog>
  );
}

function saysOf(asked: string, count: number, isSettled: boolean, isPartial: boolean): string {
  if (asked === '') return 'A part of a name, an id, or the first eight digits of one.';
  if (!isSettled) return 'Searching…';
  const rest = isPartial ? ' Names of older runs were not looked through; by their id they are found.' : '';
  return (count === 0 ? 'Nothing here has such a name or id.' : `${count} found.`) + rest;
}

/** A dialog gives the focus to what asks for it by this attribute as it opens. */
function focusFirst(field: HTMLInputElement | null): void {
  field?.setAttribute('autofocus', '');
}

interface ChooserProps {
  readonly text: string;
  readonly targets: readonly Target[];
  /** Whether they are those of the text. */
  readonly isSettled: boolean;
  readonly onText: (text: string) => void;
  readonly onClose: () => void;
}

/** A combobox as ARIA describes it: the focus stays in the field, the arrows move through the list. */
function Chooser({ text, targets, isSettled, onText, onClose }: ChooserProps) {
  const base = useId();
  const navigate = useNavigate();
  const list = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState(0);
  const [isWanted, setWanted] = useState(false);
  const at = Math.min(chosen, Math.max(0, targets.length - 1));
  const go = (target: Target): void => {
    onClose();
    void navigate({ to: target.to, ...(target.params === null ? {} : { params: target.params }) } as never);
  };
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  const wanted = isWanted && isSettled ? targets[at] : undefined;
  useEffect(() => {
    // Who pastes an id and presses Enter at once does not have to wait with the key.
    if (wanted !== undefined) go(wanted);
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && targets.length > 0) setChosen((at + step + targets.length) % targets.length);
    else if (event.key === 'Enter') setWanted(true);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <label className="search-field search-words">
        <Icon name="search" />
        <input
          ref={focusFirst}
          type="text"
          role="combobox"
          aria-label="Search everything"
          placeholder="Flow, deployment, pool, run, task run or id"
          autoComplete="off"
          spellCheck={false}
          maxLength={TEXT_MAX}
          aria-expanded={targets.length > 0}
          aria-controls={`${base}list`}
          aria-activedescendant={targets.length === 0 ? undefined : `${base}${at}`}
          value={text}
          onChange={(event) => {
            onText(event.target.value);
            setChosen(0);
            setWanted(false);
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <div id={`${base}list`} className="search-found" role="listbox" aria-label="Found" ref={list}>
        {targets.map((target, index) => (
          // The keys are heard by the field.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={target.key}
            id={`${base}${index}`}
            role="option"
            aria-selected={index === at}
            tabIndex={-1}
            onClick={() => go(target)}
            onPointerMove={() => setChosen(index)}
          >
            <span className="search-kind muted">{target.kind}</span>
            <span className="search-name">
              <strong>{target.name}</strong>
              {target.of !== null && <span className="muted"> {target.of}</span>}
            </span>
            {target.state !== null && <StateBadge type={target.state.type} name={target.state.name} />}
          </div>
        ))}
      </div>
    </>
  );
}
