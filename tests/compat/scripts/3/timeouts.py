"""Tasks and flows that take too long, sync and async."""
import asyncio
import time

from prefect import flow, task

from readback import note, noted, report


@task(timeout_seconds=0.3)
def slow():
    time.sleep(5)


@task(timeout_seconds=0.3, retries=1)
async def slow_async():
    await asyncio.sleep(5)


@flow
def has_slow_task():
    slow()


@flow(timeout_seconds=0.5)
def slow_flow():
    time.sleep(5)


@flow(timeout_seconds=0.5)
async def slow_async_flow():
    await asyncio.sleep(5)


@flow
async def has_slow_async_task():
    await slow_async()


if __name__ == "__main__":
    noted("task", has_slow_task)
    noted("flow", slow_flow)
    noted("async flow", lambda: asyncio.run(slow_async_flow()))
    noted("async task", lambda: asyncio.run(has_slow_async_task()))
    report()
