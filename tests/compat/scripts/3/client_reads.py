"""Reads of the client: filters over flows, runs, states, tags and times, combined, sorted, paged, counted; changes and deletions."""
import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from prefect import flow, get_client, task
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterId,
    FlowFilterName,
    FlowFilterTags,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterId,
    FlowRunFilterIdempotencyKey,
    FlowRunFilterName,
    FlowRunFilterNextScheduledStartTime,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterParentTaskRunId,
    FlowRunFilterStartTime,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterStateType,
    FlowRunFilterTags,
    Operator,
    TaskRunFilter,
    TaskRunFilterFlowRunId,
    TaskRunFilterName,
    TaskRunFilterState,
    TaskRunFilterStateName,
    TaskRunFilterStateType,
    TaskRunFilterSubFlowRuns,
    TaskRunFilterTags,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.sorting import FlowRunSort, FlowSort, TaskRunSort
from prefect.states import Completed, Pending, Running, Scheduled
from prefect.types._datetime import now

from readback import drain_client, note, report, request


@task(task_run_name="leaf_{number}", tags=["leafy"])
def leaf(number):
    if number == 3:
        raise ValueError("three")
    return number


@flow(flow_run_name="child_{number}")
def child(number):
    return leaf(number)


@flow(flow_run_name="parent_{number}", name="Parent Flow")
def parent(number):
    leaf(number)
    return child(number, return_state=True)


@flow
def spare():
    pass


def names(items):
    return [item.name for item in items]


async def note_error(name, awaitable):
    try:
        note(name, await awaitable)
    except Exception as error:
        note(name, type(error).__name__)


async def make(client):
    for number in (1, 2):
        await asyncio.to_thread(parent, number)
    await asyncio.to_thread(lambda: child(3, return_state=True))
    await asyncio.to_thread(drain_client)
    later = now("UTC") + timedelta(days=400)
    await client.create_flow_run(spare, name="later_1", state=Scheduled(scheduled_time=later), tags=["later", "spare"], parameters={"x": 1.0}, context={"a": 1.0})
    await client.create_flow_run(spare, name="pending_1", tags=["spare"])
    once = {"flow_id": str((await client.read_flow_by_name("spare")).id), "idempotency_key": "once"}
    first = request("/flow_runs/", {**once, "name": "once_1", "state": {"type": "SCHEDULED", "name": "Own"}})
    again = request("/flow_runs/", {**once, "name": "ignored_1"})
    note("the same idempotency key", [first.status_code, again.status_code, again.json()["name"], again.json()["state"]["name"], first.json()["id"] == again.json()["id"]])
    while len(await client.read_task_runs(task_run_filter=TaskRunFilter(state=TaskRunFilterState(type=TaskRunFilterStateType(any_=[StateType.COMPLETED, StateType.FAILED]))))) < 7:
        await asyncio.sleep(0.1)


async def read_flows(client):
    note("flows by name", names(await client.read_flows(sort=FlowSort.NAME_ASC)))
    note("flows by name, downwards, paged", names(await client.read_flows(sort=FlowSort.NAME_DESC, limit=2, offset=1)))
    note("flows like", names(await client.read_flows(flow_filter=FlowFilter(name=FlowFilterName(like_="FLOW")))))
    note("flows of runs", names(await client.read_flows(flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=["child_1"])), sort=FlowSort.NAME_ASC)))
    note("flows of task runs", names(await client.read_flows(task_run_filter=TaskRunFilter(name=TaskRunFilterName(like_="leaf_3")), sort=FlowSort.NAME_ASC)))
    note("flows without tags", len(await client.read_flows(flow_filter=FlowFilter(tags=FlowFilterTags(is_null_=True)))))
    one = await client.read_flow_by_name("spare")
    note("flow by id", (await client.read_flow(one.id)).name)
    note("flows by id", names(await client.read_flows(flow_filter=FlowFilter(id=FlowFilterId(any_=[one.id, uuid4()])))))
    note("created again", await client.create_flow_from_name("spare") == one.id)
    await note_error("unknown flow", client.read_flow(uuid4()))
    await note_error("unknown flow name", client.read_flow_by_name("nowhere"))


async def read_flow_runs(client):
    async def runs(name, filter=None, sort=FlowRunSort.NAME_ASC, **more):
        found = await client.read_flow_runs(flow_run_filter=filter, sort=sort, **more)
        note(name, names(found))
        return found

    await runs("runs")
    await runs("runs downwards", sort=FlowRunSort.NAME_DESC)
    await runs("runs by start", sort=FlowRunSort.START_TIME_ASC)
    await runs("runs by start, last first", sort=FlowRunSort.START_TIME_DESC, limit=3)
    await runs("runs by expected start", sort=FlowRunSort.EXPECTED_START_TIME_ASC)
    await runs("next scheduled first", FlowRunFilter(next_scheduled_start_time=FlowRunFilterNextScheduledStartTime(after_=now("UTC"))), sort=FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC)
    await runs("by type", FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.FAILED, StateType.SCHEDULED]))))
    await runs("by not type", FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(not_any_=[StateType.COMPLETED]))))
    await runs("by state name", FlowRunFilter(state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Pending", "Completed"]))))
    await runs("type and name, either", FlowRunFilter(state=FlowRunFilterState(operator=Operator.or_, type=FlowRunFilterStateType(any_=[StateType.FAILED]), name=FlowRunFilterStateName(any_=["Pending"]))))
    await runs("all tags", FlowRunFilter(tags=FlowRunFilterTags(all_=["spare", "later"])))
    await runs("any tag", FlowRunFilter(tags=FlowRunFilterTags(any_=["later", "nothing"])))
    await runs("no tags", FlowRunFilter(tags=FlowRunFilterTags(is_null_=True)))
    await runs("either", FlowRunFilter(operator=Operator.or_, tags=FlowRunFilterTags(all_=["later"]), name=FlowRunFilterName(any_=["child_2"])))
    await runs("both", FlowRunFilter(tags=FlowRunFilterTags(all_=["spare"]), name=FlowRunFilterName(like_="PEND")))
    await runs("like", FlowRunFilter(name=FlowRunFilterName(like_="ld_")))
    await runs("none", FlowRunFilter(name=FlowRunFilterName(any_=[])))
    await runs("children", FlowRunFilter(parent_task_run_id=FlowRunFilterParentTaskRunId(is_null_=False)))
    parents = await runs("parents", FlowRunFilter(name=FlowRunFilterName(like_="parent")))
    await runs("children of one", FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[parents[0].id])))
    await runs("but not", FlowRunFilter(id=FlowRunFilterId(not_any_=[run.id for run in parents])))
    await runs("started", FlowRunFilter(start_time=FlowRunFilterStartTime(after_=now("UTC") - timedelta(hours=1), before_=now("UTC"))))
    await runs("never started", FlowRunFilter(start_time=FlowRunFilterStartTime(is_null_=True)))
    await runs("expected", FlowRunFilter(expected_start_time=FlowRunFilterExpectedStartTime(after_=now("UTC") + timedelta(days=1))))
    await runs("by idempotency key", FlowRunFilter(idempotency_key=FlowRunFilterIdempotencyKey(any_=["once"])))
    await runs("of a flow", flow_filter=FlowFilter(name=FlowFilterName(any_=["child"])))
    await runs("with a failed task", task_run_filter=TaskRunFilter(state=TaskRunFilterState(name=TaskRunFilterStateName(any_=["Failed"]))))
    await runs("page", limit=2, offset=3)
    note("count", await client.count_flow_runs())
    note("count of a flow", await client.count_flow_runs(flow_filter=FlowFilter(name=FlowFilterName(any_=["child"]))))
    await note_error("too many", client.read_flow_runs(limit=201))
    await note_error("unknown run", client.read_flow_run(UUID(int=5)))


async def read_task_runs(client):
    async def runs(name, filter=None, sort=TaskRunSort.NAME_ASC, **more):
        found = await client.read_task_runs(task_run_filter=filter, sort=sort, **more)
        note(name, [run.name for run in found])
        return found

    await runs("task runs")
    await runs("task runs downwards, paged", sort=TaskRunSort.NAME_DESC, limit=2, offset=1)
    await runs("task runs that are subflows", TaskRunFilter(subflow_runs=TaskRunFilterSubFlowRuns(exists_=True)))
    await runs("task runs that are not", TaskRunFilter(subflow_runs=TaskRunFilterSubFlowRuns(exists_=False)))
    await runs("task runs by tag", TaskRunFilter(tags=TaskRunFilterTags(all_=["leafy"])))
    await runs("failed task runs", TaskRunFilter(state=TaskRunFilterState(type=TaskRunFilterStateType(any_=[StateType.FAILED]))))
    await runs("task runs of parents", flow_filter=FlowFilter(name=FlowFilterName(any_=["Parent Flow"])))
    run = (await client.read_flow_runs(flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=["parent_1"]))))[0]
    found = await runs("task runs of one", TaskRunFilter(flow_run_id=TaskRunFilterFlowRunId(any_=[run.id])), sort=TaskRunSort.EXPECTED_START_TIME_ASC)
    note("task run by id", (await client.read_task_run(found[0].id)).name)
    note("its states", [state.name for state in await client.read_task_run_states(found[0].id)])
    await note_error("unknown task run", client.read_task_run(uuid4()))


async def change(client):
    run = (await client.read_flow_runs(flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=["pending_1"]))))[0]
    await client.update_flow_run(run.id, name="renamed_1", tags=["new"], parameters={"y": 2.0}, flow_version="v9", infrastructure_pid="123")
    await client.update_flow_run_labels(run.id, {"own": "label", "number": 1.5})
    changed = await client.read_flow_run(run.id)
    note("changed", [changed.name, changed.tags, changed.parameters, changed.flow_version, changed.infrastructure_pid, sorted(changed.labels)])
    await client.set_flow_run_name(run.id, "renamed_2")
    result = await client.set_flow_run_state(run.id, Running(message="by hand"))
    note("set", [result.status.value, result.state.name, result.state.message])
    result = await client.set_flow_run_state(run.id, Completed(name="Own Name", data=None))
    note("set again", [result.status.value, result.state.name])
    states = await client.read_flow_run_states(run.id)
    note("states", [state.name for state in states])
    note("one state", (await client.read_flow_run_state(states[0].id)).name)
    await note_error("an unknown run's state", client.set_flow_run_state(uuid4(), Pending()))
    later = (await client.read_flow_runs(flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=["later_1"]))))[0]
    await client.delete_flow_run(later.id)
    await note_error("deleted", client.read_flow_run(later.id))
    await note_error("deleted twice", client.delete_flow_run(later.id))
    flow_id = await client.create_flow_from_name("to be deleted")
    await client.delete_flow(flow_id)
    await note_error("flow is deleted", client.read_flow(flow_id))


async def main():
    async with get_client() as client:
        note("health", await client.api_healthcheck())
        note("version", [await client.api_version(), (await client.hello()).json()])
        note("default storage", await client.read_server_default_result_storage())
        await make(client)
        await read_flows(client)
        await read_flow_runs(client)
        await read_task_runs(client)
        await change(client)


if __name__ == "__main__":
    asyncio.run(main())
    report()
