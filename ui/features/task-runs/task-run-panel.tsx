import { Link } from '@tanstack/react-router';
import { useLayoutEffect, useRef } from 'react';

import { useHotkeys } from '../../components/hotkeys.ts';
import { Icon } from '../../components/icon.tsx';
import { SearchScope } from '../places/search-state.ts';
import { TASK_SCOPE } from '../flow-runs/run-page-search.ts';
import { TaskRunDetail } from './task-run-detail.tsx';

/** A task run beside the flow run that it belongs to. Escape closes it and gives the focus back. */
export function TaskRunPanel({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const panel = useRef<HTMLElement>(null);
  useHotkeys({ Escape: onClose });
  // Before it is drawn: on a phone it hides what had the focus.
  useLayoutEffect(() => {
    const before = document.activeElement;
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside className="side-panel" aria-label="Task run" ref={panel} tabIndex={-1}>
      <div className="side-panel-tools">
        <Link className="button plain" to="/runs/task-run/$id" params={{ id }}>
          <Icon name="outdent" size={14} /> Own page
        </Link>
        <button
          type="button"
          className="icon-button"
          onClick={onClose}
          aria-label="Close the task run"
          title="Close (Esc)"
        >
          <Icon name="close" />
        </button>
      </div>
      <SearchScope value={TASK_SCOPE}>
        <TaskRunDetail key={id} id={id} heading="h2" />
      </SearchScope>
    </aside>
  );
}
