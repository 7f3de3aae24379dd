"""Retries of the 2.x client: the server says that a failed run awaits its retry, and when."""
from prefect import flow, task

from readback import note, report

calls = {}


def count(name):
    calls[name] = calls.get(name, 0) + 1
    return calls[name]


@task(retries=2, retry_delay_seconds=[0.1, 0.2])
def at_third():
    if count("at_third") < 3:
        raise ValueError("not yet")
    return "third"


@task(retries=1)
def never():
    raise ValueError(f"attempt {count('never')}")


@task(retries=3, retry_delay_seconds=0.1, retry_condition_fn=lambda task, run, state: False)
def not_on_condition():
    raise ValueError(f"condition {count('condition')}")


@flow(retries=1, retry_delay_seconds=0.2)
def retried_flow():
    at_third()
    if count("flow") < 2:
        raise RuntimeError("the flow fails")
    return "done"


@flow
def hopeless():
    never(return_state=True)
    not_on_condition(return_state=True)
    return never.submit()


if __name__ == "__main__":
    note("result", retried_flow())
    state = hopeless(return_state=True)
    note("hopeless", [state.type.value, state.name, state.message])
    note("calls", calls)
    report()
