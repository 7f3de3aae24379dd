"""Flows that call flows: values and states handed on, a child that fails, a parent that runs again and keeps its children."""
import asyncio

from prefect import flow, task

from readback import note, noted, report

attempts = []


@task
def leaf(value):
    return value


@flow(flow_run_name="child_{value}")
def child(value):
    return leaf(value)


@flow(flow_run_name="grand_{value}")
def grandparent(value):
    return child(value) + child(value + 10)


@flow(name="failing child")
def failing_child():
    raise ValueError("child failed")


@flow
def parent():
    first = child(1)
    leaf(first)
    state = child(2, return_state=True)
    tried = failing_child(return_state=True)
    note("child's states", [state.name, tried.name])
    return grandparent(5)


@flow
def parent_of_failing():
    failing_child()


@flow(retries=1)
def retried_parent():
    child(100)
    attempts.append("x")
    if len(attempts) < 2:
        raise RuntimeError("first attempt")
    return child(101)


@flow(name="async child", flow_run_name="async_{number}")
async def async_child(number):
    return number


@flow
async def async_parent():
    return await asyncio.gather(*[async_child(number) for number in range(3)])


if __name__ == "__main__":
    note("parent", parent())
    noted("parent of failing", parent_of_failing)
    note("retried parent", retried_parent())
    note("async parent", asyncio.run(async_parent()))
    report(events=True)
