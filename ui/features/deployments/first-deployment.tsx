/** For a server that has no deployment: how to make the first. */
import { CopyButton } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icon.tsx';

import '../flow-runs/first-flow.css';

const CODE = `import { flow } from 'ostinato';

export const hello = flow(async ({ name = 'World' }: { name?: string }) => \`Hello, \${name}!\`, { name: 'hello' });
`;

export function FirstDeployment() {
  const api = `OSTINATO_API_URL=${location.origin}/api npx ostinato`;
  return (
    <section className="first-flow">
      <span className="note-icon">
        <Icon name="clock" size={28} />
      </span>
      <h2>No deployment yet</h2>
      <p>
        A deployment says how a flow runs by itself: when, with which parameters, and who takes its runs. It is a file
        that you look over and apply.
      </p>
      <div className="first-flow-ways">
        <article>
          <h3>Make one</h3>
          <p className="muted">
            1. Save as <code>hello.ts</code>
          </p>
          <Snippet text={CODE} label="Copy hello.ts" />
          <p className="muted">2. Write the file, then apply it</p>
          <Snippet
            text={`${api} deployment build --name every-morning --cron '0 9 * * *' hello.ts`}
            label="Copy the command that writes the file"
          />
          <Snippet text={`${api} deployment apply hello-deployment.yaml`} label="Copy the command that applies it" />
        </article>
        <article>
          <h3>Let its runs be taken</h3>
          <p className="muted">3. Start a worker; it runs until you stop it</p>
          <Snippet text={`${api} worker start`} label="Copy the command that starts a worker" />
          <p className="muted">4. Run it now, without waiting for the morning</p>
          <Snippet
            text={`${api} deployment run hello/every-morning --watch`}
            label="Copy the command that starts a run"
          />
          <p className="muted">
            Deployments of Prefect’s Python client, made by <code>serve</code> or <code>deploy</code>, appear here, too.
          </p>
        </article>
      </div>
    </section>
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
