/**
 * The control plane in this process: the API's operations, checked and answered as over HTTP, without a socket. They
 * are loaded with the first question.
 */

import { controlLater } from '../client/control/by-name.ts';
import type { ControlClient } from '../client/control/client.ts';
import type { ControlAnswer, ControlCall, ControlWire } from '../client/control/plane.ts';
import { ERROR_CODES, OstinatoError } from '../core/errors.ts';
import type { MaybePromise } from '../core/maybe-promise.ts';
import type { Clock } from '../core/time.ts';
import type { ControlUseCases } from '../orchestrator/control-plane.ts';

/** @param open asked with the first question */
export function controlInProcess(open: () => MaybePromise<ControlUseCases>, clock: Pick<Clock, 'now'>): ControlClient {
  return controlLater(async () =>
    (await import('../client/control/client.ts')).createControlClient(inProcessWire(open, clock)),
  );
}

function inProcessWire(open: () => MaybePromise<ControlUseCases>, clock: Pick<Clock, 'now'>): ControlWire {
  let loading: ReturnType<typeof load> | undefined;
  return {
    kind: 'ostinato',
    async send(call) {
      const answer = await (loading ??= load(open, clock));
      try {
        return await answer(call);
      } catch (error) {
        if (!OstinatoError.is(error)) throw error;
        const status = ERROR_CODES[error.code].httpStatus;
        if (call.expected?.includes(status) !== true) throw error;
        return { status, text: '' };
      }
    },
  };
}

async function load(
  open: () => MaybePromise<ControlUseCases>,
  clock: Pick<Clock, 'now'>,
): Promise<(call: ControlCall) => Promise<ControlAnswer>> {
  const [useCases, { controlOperations }, { InvalidBody }, { checkBody }, { parseWire, wireText }] = await Promise.all([
    open(),
    import('../api/control-operations.ts'),
    import('../api/failures.ts'),
    import('../contract/checker.ts'),
    import('../contract/wire-json.ts'),
  ]);
  const byContract = new Map(controlOperations(useCases, clock).map(({ contract, handle }) => [contract, handle]));
  return async ({ route, params, query = {}, body }) => {
    const handle = byContract.get(route);
    if (handle === undefined)
      throw new OstinatoError('unsupported', `${route.name} is not answered in this process.`, {
        remedy: 'Start a server (ostinato server start), and ask that.',
      });
    const sent = body === undefined ? { plain: undefined, exact: {} } : parseWire(body);
    const checked = route.body ? checkBody(route.body, sent.plain, false) : { ok: true as const, value: undefined };
    if (!checked.ok) throw refused(checked.problems);
    try {
      const answer = await handle({
        params,
        query: query as never,
        body: checked.value as never,
        exact: sent.exact as Readonly<Record<string, unknown>>,
        headers: {},
        origin: '',
      });
      return { status: answer.status, text: answer.body === undefined ? '' : wireText(answer.body) };
    } catch (error) {
      throw error instanceof InvalidBody ? refused(error.problems) : error;
    }
  };
}

function refused(
  problems: readonly { readonly loc: readonly (string | number)[]; readonly msg: string }[],
): OstinatoError {
  const said = problems.map(({ loc, msg }) => `${loc.slice(1).join('.')}: ${msg}`);
  return new OstinatoError('bad-input', `That cannot be kept: ${said.join('; ')}.`);
}
