"""A flow of the real client that uses most of what a server is for: mapped tasks, a retry, limits, a subflow, logs, an artifact, a variable."""
import os

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.concurrency.sync import concurrency
from prefect.variables import Variable

ATTEMPTS = os.environ["ATTEMPTS_FILE"]


@task(tags=["narrow-tag"])
def double(x):
    with concurrency("narrow", occupy=1):
        return 2 * x


@task(retries=2)
def flaky(total):
    with open(ATTEMPTS, "a") as file:
        file.write("x")
    if os.path.getsize(ATTEMPTS) < 2:
        raise ValueError("the first attempt fails")
    return total


@flow
def child(total):
    return flaky(total)


@flow(name="core")
def core(count):
    get_run_logger().info("begins with %s", count)
    factor = Variable.get("factor")
    doubled = [future.result() for future in double.map(range(count))]
    create_markdown_artifact(key="sum", markdown=str(sum(doubled)))
    return child(sum(doubled) * factor)


print("result", core(6))
