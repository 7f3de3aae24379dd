import type { GoesOn } from '../../core/after-crash.ts';
import { formatInstant } from '../../core/time.ts';
import type { SlotHolder, WaitReason } from '../../core/waiting.ts';
import { instantOrNull } from './instant.ts';
import type * as wire from '../schema/explanation.ts';
import type { Explanation, SentenceParts } from '../../core/why.ts';

export function encodeExplanation(
  explanation: Explanation,
  run: Pick<wire.Explanation, 'run_id' | 'kind' | 'name'>,
): wire.Explanation {
  const { headline, because, next, waitsFor = [], goesOn } = explanation;
  return {
    ...run,
    headline,
    ...partsOf(explanation),
    because: because.map((one) => ({ fact: one.fact, when: instantOrNull(one.when), ...partsOf(one) })),
    next,
    waits_for: waitsFor.map(encodeReason),
    goes_on: goesOn === undefined ? null : encodeGoesOn(goesOn),
  };
}

function encodeGoesOn({ how, attempt, attemptsMax, by }: GoesOn): wire.Explanation['goes_on'] {
  return { how, attempt, attempts_max: attemptsMax, by: formatInstant(by) };
}

function encodeReason(reason: WaitReason): wire.Explanation['waits_for'][number] {
  const { kind, message, remedy, since, until, slots, holders, near } = reason;
  return {
    kind,
    message,
    remedy,
    since: instantOrNull(since),
    until: instantOrNull(until),
    slots,
    holders: holders.map(encodeSlotHolding),
    near: near.map(({ name, type, workersOnline }) => ({ name, type, workers_online: workersOnline })),
  };
}

export function encodeSlotHolding({ kind, id, name, since }: SlotHolder) {
  return { kind, id, name, since: formatInstant(since) };
}

function partsOf({ about, moving }: SentenceParts): Pick<wire.Explanation, 'about' | 'moving'> {
  return { about: about === undefined ? null : { ...about }, moving: instantOrNull(moving ?? null) };
}
