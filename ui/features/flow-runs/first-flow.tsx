/** For a server that has seen no run: how to make the first. */
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icon.tsx';

import './first-flow.css';

const TYPESCRIPT = `import { flow, task } from 'ostinato';

const greet = task(async (name: string) => \`Hello, \${name}!\`, { name: 'greet', retries: 3 });

export const hello = flow(async ({ name }: { name: string }) => greet(name), { name: 'Hello' });
`;

const PYTHON = `from prefect import flow, task

@task(retries=3)
def greet(name: str) -> str:
    return f"Hello, {name}!"

@flow
def hello(name: str = "World"):
    print(greet(name))

hello()
`;

export function FirstFlow() {
  const api = `${location.origin}/api`;
  return (
    <section className="first-flow">
      <span className="note-icon">
        <Icon name="flow" size={28} />
      </span>
      <h2>No run yet</h2>
      <p>
        A flow is a function whose calls are recorded, with every step in it. Run one, and it appears here while it
        runs.
      </p>
      <div className="first-flow-ways">
        <Way
          title="TypeScript"
          file="hello.ts"
          code={TYPESCRIPT}
          command={`OSTINATO_API_URL=${api} npx ostinato run hello.ts -p name=World`}
        />
        <Way title="Python" file="hello.py" code={PYTHON} command={`PREFECT_API_URL=${api} python hello.py`} />
      </div>
    </section>
  );
}

function Way({
  title,
  file,
  code,
  command,
}: {
  readonly title: string;
  readonly file: string;
  readonly code: string;
  readonly command: string;
}) {
  return (
    <article>
      <h3>{title}</h3>
      <p className="muted">
        1. Save as <code>{file}</code>
      </p>
      <Snippet text={code} label={`Copy ${file}`} />
      <p className="muted">2. Run it</p>
      <Snippet text={command} label={`Copy the command for ${title}`} />
    </article>
  );
}

function Snippet({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <div className="json-view">
      <CopyButton text={text} label={label} />
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </div>
  );
}
