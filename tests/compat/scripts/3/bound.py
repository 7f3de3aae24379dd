"""Flows that are bound to a work pool: each call starts its own process there, with the flow in a bundle, and gives its result."""
import os
import sys

from prefect import flow, task
from prefect.flows import bind_flow_to_infrastructure
from prefect.workers.process import ProcessWorker

from command_line import prefect
from readback import ask, note, noted, report


@task
def double(number):
    return 2 * number


@flow(name="bound", persist_result=True, log_prints=True)
def bound(number: int, fails: bool = False):
    print(f"at {os.environ.get('PLACE')}")
    if fails:
        raise ValueError(f"cannot do {number}")
    return double(number)


def at(place):
    return bind_flow_to_infrastructure(bound, work_pool="local", worker_cls=ProcessWorker, job_variables={"env": {"PLACE": place}})


@flow(name="parent", persist_result=True)
def parent():
    return at("a parent")(number=10)


def told_runs():
    for run in sorted(ask("/flow_runs/filter", {}), key=lambda run: run["start_time"]):
        logs = ask("/logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}})
        states = sorted(ask(f"/flow_run_states/?flow_run_id={run['id']}"), key=lambda state: state["timestamp"])
        fields = [run[field] for field in ("parameters", "work_pool_name", "work_queue_name", "job_variables", "run_count", "deployment_id")]
        yield [[state["name"] for state in states], fields, run["parent_task_run_id"] is not None, sorted(log["message"] for log in logs if log["message"].startswith("at "))]


if __name__ == "__main__":
    # The client asks uv what is installed here.
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    note("in a pool that was not there", bind_flow_to_infrastructure(bound, work_pool="nowhere", worker_cls=ProcessWorker)(number=1))
    note("pool", prefect("work-pool", "create", "local", "--type", "process")[0])
    note("called", at("home")(number=3))
    future = at("work").submit(number=4)
    note("submitted", [future.result(), future.state.name])
    noted("failed", lambda: at("home")(number=5, fails=True))
    state = at("home")(number=6, fails=True, return_state=True)
    note("state", [state.type.value, state.message])
    note("in a flow", parent())
    note("runs", list(told_runs()))
    report(read=False)
