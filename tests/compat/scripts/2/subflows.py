"""Flows that call flows with the 2.x client, failing ones, timeouts, crashes, returned states, hooks."""
import time

from prefect import flow, task
from prefect.states import Completed, Failed

from readback import note, noted, report

attempts, called = [], []


def remember(what, run, state):
    called.append([type(what).__name__, state.name])


@task
def leaf(value):
    return value


@flow(flow_run_name="child_{value}", on_completion=[remember])
def child(value):
    return leaf(value)


@flow(on_failure=[remember])
def failing_child():
    raise ValueError("child failed")


@flow
def parent():
    child(1)
    state = failing_child(return_state=True)
    return [state.name, child(2)]


@flow(retries=1)
def retried_parent():
    child(100)
    attempts.append("x")
    if len(attempts) < 2:
        raise RuntimeError("first attempt")
    return child(101)


@task(timeout_seconds=0.3)
def slow():
    time.sleep(3)


@flow
def has_slow_task():
    slow()


@flow(timeout_seconds=0.5)
def slow_flow():
    for _ in range(30):
        time.sleep(0.1)


@flow(on_crashed=[remember])
def interrupted():
    raise KeyboardInterrupt()


@flow
def returns_named():
    return Completed(message="custom", name="Skippy")


@flow
def returns_failed():
    return Failed(message="custom failed")


if __name__ == "__main__":
    note("parent", parent())
    note("retried", retried_parent())
    noted("task too slow", has_slow_task)
    noted("flow too slow", slow_flow)
    for flow_function in (returns_named, returns_failed):
        state = flow_function(return_state=True)
        note(flow_function.name, [state.type.value, state.name, state.message])
    try:
        interrupted()
    except BaseException as error:
        note("interrupted", repr(error))
    note("called", called)
    report()
