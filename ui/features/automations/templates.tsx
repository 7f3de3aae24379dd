/** What a new automation can begin with. */
import { Link } from '@tanstack/react-router';

import { TEMPLATE_NAMES } from './automation-search.ts';
import { TEMPLATES } from './rule-templates.ts';

import './rule-form.css';

export function Templates() {
  return (
    <nav className="templates" aria-label="Begin with">
      {TEMPLATE_NAMES.map((name) => (
        <Link key={name} to="/automations/create" search={{ template: name }} className="template card">
          <strong>{TEMPLATES[name].title}</strong>
          <span className="muted">{TEMPLATES[name].says}</span>
        </Link>
      ))}
    </nav>
  );
}
