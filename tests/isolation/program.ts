/** A program with isolated tasks, for tests that look at its end: `node program.ts thread|process idle|exit|busy`. */
import { isolatedSession } from '../../src/engine/isolation/isolated-session.ts';
import { definitionOf } from './bodies.ts';
import { isolatePorts, start, until } from './world.ts';

const [kind, ending] = process.argv.slice(2);
const session = isolatedSession(isolatePorts(), kind === 'thread' ? 'thread' : 'process');
const { pid } = (await start(session, definitionOf('where')).result) as { pid: number };
console.log(pid);
if (ending !== 'idle') {
  const spinning = start(session, definitionOf('spin'));
  await until(() => spinning.heard.started.length === 1, 'the body begins');
  console.log('busy');
  if (ending === 'exit') process.exit(0);
  await spinning.result;
}
