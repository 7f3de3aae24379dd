"""A flow file with one task."""

from prefect import flow, task


@task
def noop(x: int) -> int:
    return x


@flow
def one_task() -> int:
    return noop(1)


if __name__ == "__main__":
    one_task()
