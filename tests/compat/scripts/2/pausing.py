"""Runs of the 2.x client that are paused, resumed and cancelled."""
import threading
import time

from prefect import flow, pause_flow_run, resume_flow_run, task
from prefect.context import get_run_context

from readback import ask, note, noted, report, request


@task
def step(number):
    return number


@flow
def paused():
    flow_run_id = get_run_context().flow_run.id
    step(1)

    def resume():
        while ask(f"/flow_runs/{flow_run_id}")["state"]["type"] != "PAUSED":
            time.sleep(0.05)
        time.sleep(0.5)
        resume_flow_run(flow_run_id)

    threading.Thread(target=resume, daemon=True).start()
    pause_flow_run(timeout=30, poll_interval=1)
    step(2)
    return "resumed"


@flow
def cancelled():
    flow_run_id = get_run_context().flow_run.id
    step(1)
    note("cancelling", request(f"/flow_runs/{flow_run_id}/set_state", {"state": {"type": "CANCELLING"}}).json()["status"])
    note("a task after", step(2, return_state=True).name)


if __name__ == "__main__":
    note("paused", paused())
    noted("cancelled", cancelled)
    report()
