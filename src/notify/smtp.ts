/**
 * E-mail by an SMTP server.
 *
 * 1. A message is tried within 15 s, or what its block says: from the server's name to its last word, however it hangs.
 * 2. Its `Message-ID` is computed from what it is: a mailbox that gets it twice can know.
 * 3. With `starttls` and `tls` nothing but a greeting goes over the wire in the open: a server that offers no
 *    encryption gets neither password nor message.
 */

import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';

import { createTransport, type SentMessageInfo, type Transporter } from 'nodemailer';

import type { Delivery, Notification, SendContext } from '../core/notifications/channel.ts';
import { BlockProblem, choiceOf, flagOf, numberOf, optionalText, severityOf, textOf, textsOf } from './block-fields.ts';
import type { NotifyPorts } from './exchange.ts';
import type { ChannelOf } from './open-channel.ts';
import { RECIPIENTS_MAX } from './recipients.ts';
import { oneLine, shortened, withLinks } from './wording.ts';

const TIMEOUT_SECONDS = 15;
const TIMEOUT_SECONDS_MAX = 30;
const ANSWER_BYTES_MAX = 64 * 1024;
const SUBJECT_CHARACTERS_MAX = 500;
const BODY_CHARACTERS_MAX = 1_000_000;
const SAID_CHARACTERS_MAX = 200;
/** Ports by the way of encryption. */
const PORTS = { starttls: 587, tls: 465, none: 25 } as const;

export const smtpEmail: ChannelOf = (ports, data) => {
  const host = textOf(data, 'host');
  const security = choiceOf(data, 'security', ['starttls', 'tls', 'none']);
  const port = numberOf(data, 'port', PORTS[security], [1, 65_535]);
  const timeoutMs = numberOf(data, 'timeout', TIMEOUT_SECONDS, [1, TIMEOUT_SECONDS_MAX]) * 1000;
  const [username, password] = [optionalText(data, 'username'), optionalText(data, 'password')];
  const from = addressOf(textOf(data, 'sender'), 'sender');
  const to = textsOf(data, 'recipients').map((address) => addressOf(address, 'recipients'));
  if (to.length === 0 || to.length > RECIPIENTS_MAX)
    throw new BlockProblem(`The block was invalid: its recipients are not 1 to ${RECIPIENTS_MAX}.`);
  const usual = severityOf(data);
  const server = {
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: { rejectUnauthorized: flagOf(data, 'verify', true) },
    ...(username === null ? {} : { auth: { user: username, pass: password ?? '' } }),
  };
  const say = (notification: Notification, context: SendContext, above: string | null): Promise<Delivery> => {
    const { subject, body, links, severity = usual } = notification;
    const isUrgent = severity === 'critical' || severity === 'error';
    return deliver(ports, { server, timeoutMs }, to, {
      from: { name: optionalText(data, 'sender_name') ?? '', address: from },
      to: to.map((address) => ({ name: '', address })),
      subject: shortened(oneLine(subject), SUBJECT_CHARACTERS_MAX),
      text: withLinks(body, links, BODY_CHARACTERS_MAX),
      messageId: messageIdOf(context, from),
      // Programs that answer mail by themselves do not answer this.
      headers: { 'Auto-Submitted': 'auto-generated' },
      ...(isUrgent ? { priority: 'high' as const } : {}),
      ...(above === null ? {} : { inReplyTo: above, references: [above] }),
    });
  };
  return {
    send: (notification, context) => say(notification, context, null),
    reply: (handle, notification, context) => say(notification, context, handle),
  };
};

interface Way {
  readonly server: Readonly<Record<string, unknown>> & { readonly host: string; readonly port: number };
  readonly timeoutMs: number;
}

type Mail = Parameters<Transporter['sendMail']>[0];

async function deliver(
  { mayReach }: NotifyPorts,
  { server, timeoutMs }: Way,
  recipients: readonly string[],
  mail: Mail,
): Promise<Delivery> {
  if (!mayReach(server.host, server.port)) return { outcome: 'refused', receipt: `refused: ${NOT_A_TARGET}` };
  let socket: Socket | null = null;
  const late = setTimeout(() => socket?.destroy(new Error(`It took more than ${timeoutMs / 1000} s`)), timeoutMs);
  const transport = createTransport({
    ...server,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    maxResponseSize: ANSWER_BYTES_MAX,
    socketCloseTimeout: 1000,
    // No file and no address of a message is read: it has none of its own.
    disableFileAccess: true,
    disableUrlAccess: true,
    getSocket: (_options: unknown, ready: (error: Error | null, found?: { connection: Socket }) => void) => {
      const opened = connect({ host: server.host, port: server.port });
      socket = opened;
      opened.once('error', ready);
      opened.once('connect', () => {
        opened.removeListener('error', ready);
        ready(null, { connection: opened });
      });
    },
  } as Parameters<typeof createTransport>[0]);
  try {
    const sent = (await transport.sendMail(mail)) as SentMessageInfo;
    return told(sent, recipients.length, mail.messageId ?? null);
  } catch (error) {
    return failed(error as SmtpError);
  } finally {
    clearTimeout(late);
    transport.close();
  }
}

export const NOT_A_TARGET = 'its server is none that server.notification_targets allows';

/** Members that the library gives to its errors. */
interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly recipient?: string;
  readonly rejectedErrors?: readonly SmtpError[];
}

function told(sent: SentMessageInfo, count: number, handle: string | null): Delivery {
  const { rejectedErrors = [], response } = sent as {
    readonly rejectedErrors?: readonly SmtpError[];
    readonly response?: string;
  };
  if (rejectedErrors.length === 0)
    return { outcome: 'accepted', receipt: `accepted: ${saidOf(response ?? '')}`, handle };
  const taken = count - rejectedErrors.length;
  return { outcome: 'partial', receipt: `sent to ${taken} of ${count}: ${namedIn(rejectedErrors)}`, handle };
}

function failed(error: SmtpError): Delivery {
  const { responseCode, response, rejectedErrors = [], code = '' } = error;
  const all = rejectedErrors.length > 0 ? namedIn(rejectedErrors) : saidOf(response ?? error.message);
  const codes = rejectedErrors.length > 0 ? rejectedErrors.map((one) => one.responseCode) : [responseCode];
  // 4xx pass, 5xx stay (RFC 5321, 4.2.1). 421 and what has no code: the server is away, or hangs.
  const passes = codes.some((one) => (one === undefined ? !STAYS.test(code) && !STAYS.test(error.message) : one < 500));
  return passes
    ? { outcome: 'delayed', receipt: `The mail server did not take it: ${all}.`, afterSeconds: null }
    : { outcome: 'refused', receipt: `refused: ${all}` };
}

/** Certificates and encryption that a server lacks, and what the message itself lacks. */
const STAYS = /^(?:ETLS|EAUTH|ENOAUTH|EMESSAGE|EENVELOPE|ECONFIG)$|CERT|certificate|self.signed/i;

function namedIn(errors: readonly SmtpError[]): string {
  return shortened(
    errors.map(({ recipient, response, message }) => `${recipient} refused: ${saidOf(response ?? message)}`).join('; '),
    10 * SAID_CHARACTERS_MAX,
  );
}

function saidOf(text: string): string {
  return shortened(oneLine(text), SAID_CHARACTERS_MAX).replace(/\.$/, '');
}

/** One address, and nothing that could be read as two, or as a header. */
function addressOf(text: string, name: string): string {
  if (!/^[^\s\p{Cc}@<>(),;:"\\]+@[^\s\p{Cc}@<>(),;:"\\]+$/u.test(text) || text.length > 320)
    throw new BlockProblem(`The block was invalid: one of its ${name} is no e-mail address.`);
  return text;
}

function messageIdOf({ idempotencyKey }: SendContext, from: string): string {
  const id = createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32);
  return `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`;
}
