"""Retries of tasks (delays, jitter, conditions) and of flows (finished tasks of an earlier attempt run again)."""
from prefect import flow, task
from prefect.tasks import exponential_backoff

from readback import note, report

calls = {}


def count(name):
    calls[name] = calls.get(name, 0) + 1
    return calls[name]


@task(retries=2, retry_delay_seconds=[0.1, 0.3], retry_jitter_factor=0.1)
def at_third():
    if count("at_third") < 3:
        raise ValueError("not yet")
    return "third"


@task(retries=3, retry_delay_seconds=exponential_backoff(backoff_factor=0.05))
def with_backoff():
    if count("with_backoff") < 2:
        raise ValueError("backing off")


@task(retries=2)
def never():
    raise ValueError(f"attempt {count('never')}")


@task(retries=5, retry_condition_fn=lambda task, run, state: "again" in str(state.message))
def on_condition():
    raise ValueError("again" if count("on_condition") < 2 else "for good")


@flow(retries=2, retry_delay_seconds=0.2)
def retried_flow():
    at_third()
    with_backoff()
    if count("flow") < 3:
        raise RuntimeError("the flow fails")
    return "done"


@flow(retries=1)
def hopeless():
    never(return_state=True)
    on_condition(return_state=True)
    raise RuntimeError("always")


if __name__ == "__main__":
    note("result", retried_flow())
    state = hopeless(return_state=True)
    note("hopeless", [state.type.value, state.name, state.message])
    note("calls", calls)
    report(events=True)
