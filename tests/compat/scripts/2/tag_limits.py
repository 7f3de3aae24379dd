"""Tasks of the 2.x client whose tag has a limit: the server lets them wait. Only what is noted is told: Prefect's server cannot record it on SQLite."""
import asyncio
import time

from prefect import flow, get_client, task
from prefect.task_runners import ConcurrentTaskRunner

from readback import ask, note, report

at_once, most = [], []


@task(tags=["narrow"], task_run_name="narrow-{number}")
def narrow(number):
    at_once.append(number)
    most.append(len(at_once))
    time.sleep(0.2)
    at_once.remove(number)
    return number


@flow(task_runner=ConcurrentTaskRunner())
def limited():
    return sorted(future.result() for future in narrow.map([1, 2, 3]))


async def limit():
    async with get_client() as client:
        await client.create_concurrency_limit(tag="narrow", concurrency_limit=1)


if __name__ == "__main__":
    asyncio.run(limit())
    note("result", limited())
    note("at most at once", max(most))
    note("slots", ask("/concurrency_limits/tag/narrow")["active_slots"])
    report(read=False)
