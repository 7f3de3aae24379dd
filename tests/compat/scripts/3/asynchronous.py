"""Async tasks and flows, gathered, with tags, generators, and sync ones called from them."""
import asyncio

from prefect import flow, get_client, tags, task

from readback import note, report


@task(task_run_name="wait_{number}")
async def wait(number):
    await asyncio.sleep(0.05)
    return number


@task
def sync_step():
    return "sync"


@task
async def fails():
    raise ValueError("async failure")


@task
def numbers():
    yield 1
    yield 2


@flow
async def gathered():
    with tags("dynamic"):
        values = await asyncio.gather(*[wait(number) for number in range(5)])
    submitted = wait.submit(10)
    results = await asyncio.gather(fails(), return_exceptions=True)
    note("gathered exception", repr(results[0]))
    async with get_client() as client:
        note("asked from inside", (await client.hello()).json())
    return [*values, submitted.result(), sync_step()]


@flow
def generating():
    for number in numbers():
        yield number
    yield 3


@flow
async def async_generating():
    for number in range(2):
        yield await wait(20 + number)


async def read_async_generator():
    return [number async for number in async_generating()]


if __name__ == "__main__":
    note("result", asyncio.run(gathered()))
    note("generated", list(generating()))
    note("generated asynchronously", asyncio.run(read_async_generator()))
    report()
