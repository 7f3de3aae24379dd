/** The whole log of a run as a file: asked for by a button. */
import { ApiError, getBlob } from './http.ts';
import { LOG_PAGE_SIZE, readLogs } from './logs.ts';

/** CSV, made by the server. A server without that answers 404: then it is put together from pages. */
export async function downloadLogs(flowRunId: string): Promise<Blob> {
  try {
    return await getBlob(`/flow_runs/${flowRunId}/logs/download`);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
  const lines: string[] = ['timestamp,level,logger,task_run_id,message'];
  for (let offset = 0; ; offset += LOG_PAGE_SIZE) {
    const page = await readLogs({ flowRunId, levelMin: 0, text: '' }, 'TIMESTAMP_ASC', offset);
    for (const log of page)
      lines.push(
        [log.timestamp, String(log.level), log.name, log.task_run_id ?? '', log.message].map(csvCell).join(','),
      );
    if (page.length < LOG_PAGE_SIZE) return new Blob([lines.join('\r\n')], { type: 'text/csv' });
  }
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
