"""A flow of three tasks that pass values on, with tags, names, prints and logs."""
from prefect import flow, get_run_logger, tags, task

from readback import note, report


@task
def add_one(number):
    return number + 1


@task(tags=["arithmetic"], description="Multiplies.")
def multiply(number, by=2):
    print(f"multiplying {number} by {by}")
    return number * by


@task(name="show", task_run_name="show-{number}")
def show(number):
    logger = get_run_logger()
    logger.debug("below the level")
    logger.info("the number is %s", number)
    logger.warning("ü ✓ \N{SNOWMAN} a\ttab and\na new line")
    return number


@flow(name="three steps", flow_run_name="of-{start}", version="v1", description="Adds, multiplies, shows.", log_prints=True)
def three_steps(start: int = 1, ratio: float = 1.0, big: int = 12345678901234567890, words: list[str] = ["a"]):
    print("starting")
    with tags("outer", "inner"):
        product = multiply(add_one(start), by=3)
    return show(product)


@flow
def nothing():
    pass


if __name__ == "__main__":
    note("result", three_steps(3, words=["ß", "\u2028", ""]))
    note("again", three_steps.with_options(name="three steps renamed", flow_run_name="other-{start}")(4, ratio=1e22))
    note("state of a flow that returns nothing", nothing(return_state=True).type.value)
    report(events=True)
