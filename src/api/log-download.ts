/** Streams the logs of a flow run as one CSV file. */

import { Readable } from 'node:stream';

import { DOWNLOAD_FLOW_RUN_LOGS } from '../contract/routes/flow-runs.ts';
import type { FlowRunId } from '../core/ids.ts';
import { matching } from '../core/list-query.ts';
import type { LogRecord } from '../core/log.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { found, operation, type Operation } from './operation.ts';

const PAGE = 1000;
/** Rows that are sorted by time; of a longer file, the rest comes in order of arrival. */
const SORTED_MAX = 20_000;

export function logDownload(useCases: UseCases): Operation {
  return operation(DOWNLOAD_FLOW_RUN_LOGS, async ({ params }) => {
    const { id, name } = found(await useCases.readFlowRun(params['id'] as FlowRunId), 'Flow run');
    const fileName = encodeURIComponent(`${name}-logs.csv`).replaceAll(
      /[!'()*]/g,
      (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    return {
      status: 200,
      text: { content: Readable.from(rows(useCases, id)), type: 'text/csv; charset=utf-8' },
      headers: { 'content-disposition': `attachment; filename="flow-run-logs.csv"; filename*=UTF-8''${fileName}` },
    };
  });
}

async function* rows(useCases: UseCases, flowRunId: FlowRunId): AsyncGenerator<string> {
  yield 'timestamp,level,flow_run_id,task_run_id,message\r\n';
  const sorted: (LogRecord & { readonly seq: number })[] = [];
  let isSorting = true;
  let after = 0;
  for (;;) {
    const page = await useCases.list('log', { where: matching({ flowRunId }), after, limit: PAGE });
    if (isSorting) sorted.push(...page);
    else yield page.map(row).join('');
    after = page.at(-1)?.seq ?? after;
    const isLast = page.length < PAGE;
    if (isSorting && (isLast || sorted.length >= SORTED_MAX)) {
      isSorting = false;
      sorted.sort((a, b) => a.timestamp - b.timestamp || a.seq - b.seq);
      yield sorted.map(row).join('');
    }
    if (isLast) return;
  }
}

function row({ timestamp, level, flowRunId, taskRunId, message }: LogRecord): string {
  return `${[time(timestamp), level, flowRunId ?? '', taskRunId ?? '', cell(message)].join(',')}\r\n`;
}

/** As Python writes a time: without a fraction when it is zero. */
function time(instant: Instant): string {
  return formatInstant(instant)
    .replace('T', ' ')
    .replace(/(\.0{6})?Z$/, '+00:00');
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
