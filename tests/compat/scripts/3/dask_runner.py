"""Tasks on a Dask cluster: bodies run in other processes, futures depend on each other there."""
from prefect import flow, task
from prefect_dask import DaskTaskRunner

from readback import note, report


@task(task_run_name="inc-{number}")
def inc(number):
    print("in dask", number)
    return number + 1


@task
def total(numbers):
    return sum(numbers)


@task(retries=1, retry_delay_seconds=0.1)
def bad():
    raise ValueError("bad in dask")


# One thread a worker: the client puts its own `print` into the process for the time of a task, and of two tasks that
# overlap in one process the first to end takes it away from the other.
@flow(task_runner=DaskTaskRunner(cluster_kwargs={"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}), log_prints=True)
def on_dask():
    futures = inc.map([1, 2, 3])
    failing = bad.submit()
    failing.wait()
    note("failed", failing.state.name)
    return total.submit(futures).result()


if __name__ == "__main__":
    note("result", on_dask())
    report()
