"""Task runners of the client: threads and processes."""
import os

from prefect import flow, get_run_logger, task
from prefect.task_runners import ProcessPoolTaskRunner, ThreadPoolTaskRunner

from readback import note, report


@task(task_run_name="square-{number}")
def square(number):
    get_run_logger().info("squaring %s", number)
    return number * number


@task
def process_id():
    return os.getpid()


@task(retries=1)
def fails():
    raise ValueError("in another process")


@flow(task_runner=ThreadPoolTaskRunner(max_workers=2))
def threads():
    return sum(square.map(range(4)).result())


@flow(task_runner=ProcessPoolTaskRunner(max_workers=2))
def processes():
    note("another process", process_id.submit().result() != os.getpid())
    failing = fails.submit()
    failing.wait()
    note("failed", failing.state.name)
    return sum(square.map(range(4)).result())


if __name__ == "__main__":
    note("threads", threads())
    note("processes", processes())
    report()
