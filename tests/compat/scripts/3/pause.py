"""Paused runs: resumed, given input of a type, refused bad input; and runs that cannot be suspended."""
import threading
import time

from prefect import flow, task
from prefect.context import get_run_context
from prefect.flow_runs import pause_flow_run, resume_flow_run, suspend_flow_run
from prefect.input import RunInput

from readback import ask, note, noted, report, request


class Answer(RunInput):
    number: int = 3
    words: str = "none"


@task
def step(number):
    return number


def once_paused(flow_run_id, then):
    def wait():
        # The schema of the input comes after the state.
        while ask(f"/flow_runs/{flow_run_id}")["state"]["type"] != "PAUSED":
            time.sleep(0.05)
        time.sleep(0.5)
        then()

    threading.Thread(target=wait, daemon=True).start()


def resume(flow_run_id, run_input=None):
    response = request(f"/flow_runs/{flow_run_id}/resume", {"run_input": run_input})
    return [response.status_code, {**response.json(), "state": (response.json().get("state") or {}).get("name")}]


@flow(log_prints=True)
def paused_twice():
    flow_run_id = str(get_run_context().flow_run.id)
    step(1)
    note("resumed while it runs", resume(flow_run_id))
    once_paused(flow_run_id, lambda: resume_flow_run(flow_run_id))
    pause_flow_run(timeout=30, poll_interval=0.2)
    step(2)

    def answer():
        note("bad input", resume(flow_run_id, {"number": "no number"}))
        note("state after bad input", ask(f"/flow_runs/{flow_run_id}")["state"]["name"])
        note("inputs", sorted(entry["key"] for entry in ask(f"/flow_runs/{flow_run_id}/input/filter", {"prefix": "paused", "limit": 10})))
        note("good input", resume(flow_run_id, {"number": 5, "words": "yes"}))

    once_paused(flow_run_id, answer)
    given = pause_flow_run(wait_for_input=Answer.with_initial_data(number=9), timeout=30, poll_interval=0.2)
    print("given", given.number, given.words)
    once_paused(flow_run_id, lambda: resume(flow_run_id, {"value": 7}))
    note("plain input", pause_flow_run(wait_for_input=int, timeout=30, poll_interval=0.2))
    return given.words


@flow
def suspends():
    suspend_flow_run(timeout=5)


@flow
def child_that_suspends():
    suspend_flow_run(timeout=5)


@flow
def parent_of_suspending():
    child_that_suspends()


if __name__ == "__main__":
    note("result", paused_twice())
    noted("suspended without a deployment", suspends)
    noted("a suspended child", parent_of_suspending)
    report()
