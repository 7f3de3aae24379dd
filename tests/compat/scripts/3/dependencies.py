"""Edges between task runs: by value, by future, by ``wait_for``, in collections, and from failed ones."""
from prefect import allow_failure, flow, task

from readback import note, report


@task
def first():
    return 1


@task
def second():
    return 2


@task
def bad():
    raise ValueError("upstream failed")


@task
def use(value, more=None):
    return repr(value)


@task(task_run_name="last")
def last():
    return "last"


@flow(name="child of edges")
def child(value):
    return use(value)


@flow
def edges():
    one, two = first.submit(), second.submit()
    direct = use(one.result())
    by_future = use.submit(one, more={"deep": [two, {"deeper": one}]})
    failed = bad.submit()
    not_ready = use.submit(failed)
    allowed = use.submit(allow_failure(failed))
    waits = last.submit(wait_for=[one, failed])
    waits_well = last.submit(wait_for=[one, [two]])
    for future in (by_future, failed, not_ready, allowed, waits, waits_well):
        future.wait()
    note("names", [future.state.name for future in (by_future, failed, not_ready, allowed, waits, waits_well)])
    note("allowed", allowed.result())
    child(two)
    return direct


if __name__ == "__main__":
    note("result", edges())
    report()
