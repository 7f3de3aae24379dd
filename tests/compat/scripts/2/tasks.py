"""Flows and tasks of the 2.x client: every state goes over REST. Prints, logs, tags, maps, names, dependencies."""
import asyncio

from prefect import allow_failure, flow, get_run_logger, tags, task, unmapped

from readback import note, report


@task
def add_one(number):
    return number + 1


@task(tags=["arithmetic"], task_run_name="times-{number}")
def multiply(number, by=2):
    print(f"multiplying {number} by {by}")
    return number * by


@task(task_run_name="show-{number}")
def show(number):
    get_run_logger().warning("the number is %s", number)
    return number


@task
def bad():
    raise ValueError("bad task")


@task
def use(value):
    return repr(value)


@flow(name="three steps", flow_run_name="of-{start}", version="v1", description="Adds, multiplies, shows.", log_prints=True)
def three_steps(start: int = 1, ratio: float = 1.0, big: int = 12345678901234567890):
    print("starting")
    with tags("outer"):
        product = multiply(add_one(start), by=3)
    return show(product)


@flow
def fan_out():
    futures = multiply.map([1, 2, 3], by=unmapped(4))
    return sum(future.result() for future in futures)


@flow
def dependencies():
    one = add_one.submit(1)
    failed = bad.submit()
    allowed = use.submit(allow_failure(failed))
    not_ready = use.submit(failed)
    waited = add_one.submit(5, wait_for=[one])
    for future in (failed, allowed, not_ready, waited):
        future.wait()
    note("names", [future.get_state().name for future in (one, failed, allowed, not_ready, waited)])
    return waited.result()


@task(task_run_name="async-{number}")
async def slow(number):
    await asyncio.sleep(0.05)
    return number


@flow
async def gathered():
    return await asyncio.gather(*[slow(number) for number in range(3)])


if __name__ == "__main__":
    note("three steps", three_steps(3))
    note("fan out", fan_out())
    note("dependencies", dependencies())
    note("gathered", asyncio.run(gathered()))
    report()
