"""Logs: levels, prints, loggers outside of runs, long and strange lines, filters, followed live."""
import asyncio
import logging
import threading

from prefect import flow, get_client, get_run_logger, task
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId, LogFilterLevel, LogFilterTaskRunId
from prefect.client.schemas.sorting import LogSort
from prefect.logging.clients import get_logs_subscriber

from readback import ask, drain_client, note, report, request


@task(log_prints=True)
def says():
    logger = get_run_logger()
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL):
        logger.log(level, "level %s", level)
    logger.info("a long line %s", "x" * 5000)
    logger.info("strange \x00 \x1b[31mred\x1b[0m %s \N{PILE OF POO}", "100% {braces}")
    print("printed", 1, sep="-")
    try:
        raise ValueError("logged")
    except ValueError:
        logger.exception("with a traceback")


@flow(log_prints=True)
def logging_flow():
    print("from the flow")
    says()
    get_run_logger().setLevel(logging.INFO)
    return 1


@flow
def streamed():
    get_run_logger().info("streamed line")


async def follow():
    seen = []
    async with get_logs_subscriber(filter=LogFilter(level=LogFilterLevel(ge_=20))) as subscriber:
        threading.Thread(target=streamed, daemon=True).start()
        async for log in subscriber:
            seen.append([log.level, log.name, log.message.startswith("Beginning flow run") or log.message])
            if len(seen) == 3:
                break
    note("followed", seen)


async def read(flow_run):
    async with get_client() as client:
        run_logs = await client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[flow_run.id])), sort=LogSort.TIMESTAMP_ASC)
        note("logs of the run", len(run_logs))
        note("in order", [log.timestamp for log in run_logs] == sorted(log.timestamp for log in run_logs))
        warnings = await client.read_logs(LogFilter(level=LogFilterLevel(ge_=30, le_=40)))
        note("warnings and errors", sorted(log.level for log in warnings))
        of_no_task = await client.read_logs(LogFilter(task_run_id=LogFilterTaskRunId(is_null_=True), flow_run_id=LogFilterFlowRunId(any_=[flow_run.id])))
        note("of no task", len(of_no_task))
        note("page", len(await client.read_logs(limit=2, offset=1, sort=LogSort.TIMESTAMP_DESC)))


if __name__ == "__main__":
    state = logging_flow(return_state=True)
    drain_client()
    run = ask("/flow_runs/filter", {"flows": {"name": {"any_": ["logging-flow"]}}})[0]
    asyncio.run(follow())

    class Run:
        id = run["id"]

    asyncio.run(read(Run))
    note("posted", request("/logs/", [{"name": "own", "level": 15, "message": "over REST", "timestamp": "2026-01-02 03:04:05.123456+02:00", "flow_run_id": run["id"]}]).status_code)
    own = [log for log in ask("/logs/filter", {"logs": {"level": {"le_": 15}}}) if log["name"] == "own"][0]
    note("its time", own["timestamp"].replace("2026", "year"))
    note("bad logs", [request("/logs/", [{"name": "x"}]).status_code, request("/logs/", {"name": "x"}).status_code])
    report()
