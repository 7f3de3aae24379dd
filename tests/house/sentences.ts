/** What is said when something goes wrong ends once, and its words are one space apart. */
import { Visitor, type Expression } from 'oxc-parser';

import type { Source } from './source.ts';

/** What is filled in when it is said. */
const FILLED = '\0';

export interface SentenceReport {
  /** How many texts were looked at. */
  readonly seen: number;
  readonly wrong: readonly string[];
}

/** Looks at messages and remedies of errors, as far as they stand there. */
export function findBadSentences({ path, program, lineAt }: Source): SentenceReport {
  const wrong: string[] = [];
  let seen = 0;
  const look = (text: Expression, start: number): void => {
    for (const shape of shapesOf(text)) {
      seen += 1;
      const fault = faultOf(shape);
      if (fault !== null) wrong.push(`${path}:${lineAt(start)} ${fault}: ${shape.replaceAll(FILLED, '…').slice(-80)}`);
    }
  };
  new Visitor({
    NewExpression({ callee, arguments: [, message], start }) {
      if (callee.type !== 'Identifier' || callee.name !== 'OstinatoError') return;
      if (message !== undefined && message.type !== 'SpreadElement') look(message, start);
    },
    Property({ key, value, start }) {
      if (key.type !== 'Identifier' || key.name !== 'remedy') return;
      look(value as Expression, start);
    },
  }).visit(program);
  return { seen, wrong };
}

/** What a printed sentence has that none should; `null`: nothing. */
export function faultOf(text: string): string | null {
  if (/[^.]\.\.\s*$/.test(text)) return 'ends twice';
  return /\S {2,}\S/.test(text) ? 'has two spaces in a row' : null;
}

/** Every form that a text takes, what is filled in being one character. */
function shapesOf(text: Expression): readonly string[] {
  switch (text.type) {
    case 'Literal':
      return typeof text.value === 'string' && text.value !== '' ? [text.value] : [];
    case 'TemplateLiteral':
      return [text.quasis.map(({ value }) => value.cooked ?? '').join(FILLED)];
    case 'ConditionalExpression':
      return [...shapesOf(text.consequent), ...shapesOf(text.alternate)];
    case 'LogicalExpression':
      return [...shapesOf(text.left), ...shapesOf(text.right)];
    case 'BinaryExpression': {
      const [left, right] = [shapesOf(text.left as Expression), shapesOf(text.right)];
      const all = (parts: readonly string[]) => (parts.length === 0 ? [FILLED] : parts);
      return text.operator === '+' ? all(left).flatMap((one) => all(right).map((other) => one + other)) : [];
    }
    default:
      return [];
  }
}
