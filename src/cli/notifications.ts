/** `ostinato notification`: lists the channels, and tries one. */

import { channelName, findChannel, notificationsOf } from '../client/control/notifications.ts';
import type { NotificationTest } from '../contract/notification-test.ts';
import type { BlockDocument } from '../contract/schema/block.ts';
import type { TestNotificationOptions } from './commands/notification.ts';
import { timeOf } from './format.ts';
import { withPlane } from './open-plane.ts';
import { printResult, type OutputOptions } from './output.ts';
import { EXIT_OK } from './exit-codes.ts';
import { endWith } from './run-exit-code.ts';
import { printRows, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';

const EXIT_NOT_TAKEN = 1;

export async function listChannels(terminal: Terminal, limit: number, output: OutputOptions['output']): Promise<void> {
  await withPlane(terminal, async ({ plane }) => {
    const columns: Column<BlockDocument>[] = [
      { title: 'NAME', text: ({ name }) => name ?? '', is: 'whole' },
      { title: 'TYPE', text: ({ block_type: type }) => type?.slug ?? '', shrinks: true },
      { title: 'UPDATED', text: ({ updated }) => timeOf(updated), drops: 1 },
    ];
    const rows = await notificationsOf(plane).list({ limit });
    printRows(terminal, output, rows, { columns, none: 'No blocks that can notify yet.' });
  });
}

export async function testChannel(
  terminal: Terminal,
  word: string,
  { output, subject, body }: TestNotificationOptions,
): Promise<void> {
  await withPlane(terminal, async ({ plane }) => {
    const notifications = notificationsOf(plane);
    const { plain: channel } = await findChannel(notifications, word);
    const said = { ...(subject === undefined ? {} : { subject }), ...(body === undefined ? {} : { body }) };
    const { plain, exact } = await notifications.test(channel.id, said);
    printResult(terminal, output, exact, () => `${channelName(channel)}: ${WORDS[plain.outcome](plain)}`);
    endWith(plain.outcome === 'accepted' ? EXIT_OK : EXIT_NOT_TAKEN);
  });
}

const WORDS: Readonly<Record<NotificationTest['outcome'], (tested: NotificationTest) => string>> = {
  accepted: ({ receipt }) => receipt,
  partial: ({ receipt }) => receipt,
  refused: ({ receipt }) => receipt,
  delayed: ({ receipt, retry_after_seconds: seconds }) =>
    `not taken now: ${receipt}${seconds === null ? '' : ` It asks to wait ${seconds} s.`}`,
};
