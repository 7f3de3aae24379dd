"""The flows whose runs are asked for; as a program, it serves them."""

import time

from prefect import flow, serve, task

CHAIN_LENGTH = 40
STEP_SECONDS = 0.010


@flow(name="due")
def due():
    pass


@task
def noop(x: int) -> int:
    return x


@flow(name="three")
def three():
    """Three tasks, one after the other."""
    for index in range(3):
        noop(index)


@task
def step(x: int) -> int:
    time.sleep(STEP_SECONDS)
    return x + 1


@flow(name="chain")
def chain() -> int:
    """Each task is given what the one before has returned."""
    value = 0
    for _ in range(CHAIN_LENGTH):
        value = step(value)
    return value


if __name__ == "__main__":
    serve(due.to_deployment(name="due"), three.to_deployment(name="three"))
