"""Flows that run at the same time in threads and in one event loop, and many that do nothing."""
import asyncio
from concurrent.futures import ThreadPoolExecutor

from prefect import flow, task

from readback import note, report


@task(task_run_name="work-{number}")
def work(number):
    return number


@flow(flow_run_name="threaded_{number}")
def threaded(number):
    return work(number) + work(number + 100)


@flow(flow_run_name="looped_{number}")
async def looped(number):
    return work(number)


async def loop():
    return await asyncio.gather(*[looped(number) for number in range(5)])


if __name__ == "__main__":
    with ThreadPoolExecutor(4) as pool:
        note("threads", list(pool.map(threaded, range(6))))
    note("loop", asyncio.run(loop()))
    report()
