"""Runs that are cancelled, before they start, while they run, and as children."""
import asyncio
import time

from prefect import flow, get_client, task
from prefect.context import get_run_context
from prefect.states import Cancelled, Cancelling, Pending, Running, Scheduled

from readback import ask, note, noted, report, request


@task
def step(number):
    return number


@flow
def goes_on():
    step(1)
    flow_run_id = get_run_context().flow_run.id
    note("cancelling", set_state(flow_run_id, {"type": "CANCELLING"}))
    step(2)
    return "done"


@flow
def cancelled_from_outside():
    flow_run_id = get_run_context().flow_run.id
    note("forced", set_state(flow_run_id, {"type": "CANCELLED"}, force=True))
    step(3)
    return "done"


@flow
def never_started():
    pass


def set_state(flow_run_id, state, force=False):
    response = request(f"/flow_runs/{flow_run_id}/set_state", {"state": state, "force": force})
    told = response.json()
    return [response.status_code, told["status"], (told["state"] or {}).get("name"), told["details"]]


async def before_start():
    async with get_client() as client:
        run = await client.create_flow_run(never_started, state=Scheduled(), name="scheduled_1")
        result = await client.set_flow_run_state(run.id, Cancelling())
        note("scheduled", [result.status.value, result.state.name, result.details.reason])
        run = await client.create_flow_run(never_started, state=Pending(), name="pending_1")
        result = await client.set_flow_run_state(run.id, Cancelling())
        note("pending", [result.status.value, result.state.name])
        result = await client.set_flow_run_state(run.id, Running())
        note("running after cancelling", [result.status.value, result.state.name, result.details.reason])
        result = await client.set_flow_run_state(run.id, Cancelled())
        note("cancelled", [result.status.value, result.state.name])
        result = await client.set_flow_run_state(run.id, Cancelling())
        note("cancelling after cancelled", [result.status.value, result.state.name, result.details.reason])


if __name__ == "__main__":
    asyncio.run(before_start())
    for flow_function in (goes_on, cancelled_from_outside):
        state = flow_function(return_state=True)
        note(flow_function.name, [state.type.value, state.name, state.message])
    report()
