/** Calls of GitHub as events. Pure; whether they are signed is looked at before. */

import { derivedId, type HashText } from '../automations/derived-id.ts';
import { isUuid } from '../ids.ts';
import { exactObject, formFields, mediaTypeOf, unfit, type HookCall, type HookReading } from './hook-call.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * `github.<event>.<action>` about the repository (else the organization, else what the hook belongs to), related to who
 * did it. A delivery that is sent again has the same id.
 */
export function githubEvents(call: HookCall, hash: HashText): HookReading {
  const kind = call.headers['x-github-event'] ?? '';
  if (!/^[a-z_]{1,100}$/.test(kind)) return unfit('the header X-GitHub-Event does not name an event');
  const body = bodyOf(call);
  if (body === null) return unfit('the body is no JSON object');
  const action = textOf(body['action']);
  const repository = textOf(objectOf(body['repository'])['full_name']);
  const organization = textOf(objectOf(body['organization'])['login']);
  const sender = textOf(objectOf(body['sender'])['login']);
  const [place, name] =
    repository === ''
      ? organization === ''
        ? ['github.hook', call.headers['x-github-hook-id'] ?? 'unknown']
        : ['github.organization', organization]
      : ['github.repository', repository];
  const delivery = call.headers['x-github-delivery'] ?? '';
  return {
    ok: true,
    events: [
      {
        event: ['github', kind, ...(action === '' ? [] : [action])].join('.'),
        resource: { 'prefect.resource.id': `${place}.${name}`, 'prefect.resource.name': name },
        related:
          sender === ''
            ? []
            : [
                {
                  'prefect.resource.id': `github.user.${sender}`,
                  'prefect.resource.role': 'sender',
                  'prefect.resource.name': sender,
                },
              ],
        payload: body,
        ...(delivery === '' ? {} : { id: isUuid(delivery) ? delivery : derivedId(hash, 'github', delivery) }),
      },
    ],
  };
}

/** Also from the field of a form, as GitHub sends it when it is told to. */
function bodyOf(call: HookCall): Json | null {
  const payload =
    mediaTypeOf(call) === 'application/x-www-form-urlencoded' ? formFields(call.body)['payload'] : call.body;
  try {
    return typeof payload === 'string' ? exactObject(payload) : null;
  } catch {
    return null;
  }
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
