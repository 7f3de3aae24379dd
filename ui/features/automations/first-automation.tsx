/** For a server that has no automation: what they are for, and the first ways to make one. */
import { Link } from '@tanstack/react-router';

import { Icon } from '../../components/icon.tsx';
import { Templates } from './templates.tsx';

import '../flow-runs/first-flow.css';

export function FirstAutomation() {
  return (
    <section className="first-flow">
      <span className="note-icon">
        <Icon name="bolt" size={28} />
      </span>
      <h2>No automation yet</h2>
      <p>
        An automation waits for something to happen, or to stay away, and does something about it: it notifies somebody,
        starts a run, pauses what misbehaves.
      </p>
      <Templates />
      <p>
        <Link to="/automations/create" className="button primary">
          <Icon name="plus" size={14} /> New automation
        </Link>
      </p>
      <p className="muted">
        Those that <code>prefect automation create</code>, <code>Automation(…).create()</code> in Python or the triggers
        of a deployment make appear here, too.
      </p>
    </section>
  );
}
