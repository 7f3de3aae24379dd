"""Persisted results: what the server keeps about them, and read back from the states that it gives."""
import asyncio

from prefect import flow, get_client, task
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.filesystems import LocalFileSystem

from readback import note, report


@task(persist_result=True, result_serializer="json")
def as_json():
    return {"ratio": 1.0, "big": 12345678901234567890}


@task(persist_result=True, result_serializer="compressed/pickle", result_storage_key="packed.bin")
def packed():
    return list(range(10))


@task(persist_result=False)
def not_kept():
    return "gone"


@flow(persist_result=True, flow_run_name="with_storage_1", result_storage="local-file-system/results")
def with_storage():
    return [as_json(), packed(), not_kept()]


async def read_back():
    async with get_client() as client:
        run = (await client.read_flow_runs(flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=["with_storage_1"]))))[0]
        note("read back", await run.state.result(fetch=True) if asyncio.iscoroutinefunction(run.state.result) else await run.state.aresult())
        tasks = await client.read_task_runs(limit=10)
        for task_run in tasks:
            try:
                note(task_run.name.rsplit("-", 1)[0], await task_run.state.aresult())
            except Exception as error:
                note(task_run.name.rsplit("-", 1)[0], type(error).__name__)


if __name__ == "__main__":
    LocalFileSystem(basepath="results").save("results")
    note("returned", with_storage())
    asyncio.run(read_back())
    report()
