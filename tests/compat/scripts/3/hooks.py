"""Hooks at changes of state, and what they are told."""
from prefect import flow, task

from readback import note, report

called = []


def remember(what, run, state):
    called.append([type(what).__name__, what.name, state.name, run.name == "" or run.state_name])


@task(on_completion=[remember], on_failure=[remember], on_running=[remember])
def good():
    return 1


@task(on_failure=[remember], retries=1, on_running=[remember])
def bad():
    raise ValueError("bad")


@flow(on_completion=[remember], on_running=[remember])
def well():
    return good()


@flow(on_failure=[remember], on_crashed=[remember], on_cancellation=[remember])
def badly():
    bad()


@flow(on_crashed=[remember], on_failure=[remember])
def crashing():
    raise KeyboardInterrupt()


@flow(log_prints=True)
def hook_logs():
    pass


@hook_logs.on_completion
def say(flow, run, state):
    print("printed by a hook")


if __name__ == "__main__":
    well()
    for flow_function in (badly, crashing):
        try:
            flow_function()
        except BaseException as error:
            note(flow_function.name, repr(error))
    hook_logs()
    note("called", called)
    report()
