"""Fan-out: mapped and submitted tasks, waited for in several ways, some of which fail."""
from prefect import allow_failure, flow, task, unmapped
from prefect.futures import as_completed, wait
from prefect.task_runners import ThreadPoolTaskRunner

from readback import note, report


@task(task_run_name="inc-{number}")
def inc(number, by):
    return number + by


@task
def total(numbers):
    return sum(numbers)


@task(task_run_name="odd-{number}")
def odd_only(number):
    if number % 2 == 0:
        raise ValueError(f"{number} is even")
    return number


@task
def count_good(results):
    return len([result for result in results if not isinstance(result, Exception)])


@flow(task_runner=ThreadPoolTaskRunner(max_workers=4))
def fan_out():
    futures = inc.map(list(range(20)), by=unmapped(2))
    chained = inc.map(futures[:3], unmapped(100))
    done, not_done = wait(chained)
    note("waited for", [len(done), len(not_done)])
    note("as they came", sorted(future.result() for future in as_completed(futures)))
    return total.submit(futures).result() + total(chained)


@flow
def fan_out_with_failures():
    futures = odd_only.map([1, 2, 3, 4])
    futures.wait()
    note("states", [future.state.name for future in futures])
    note("results", [str(result) for result in futures.result(raise_on_failure=False)])
    good = count_good.submit(allow_failure(futures))
    after = total.submit([1], wait_for=[futures[1]])
    after.wait()
    note("not ready", after.state.name)
    return good.result()


if __name__ == "__main__":
    note("sum", fan_out())
    note("good", fan_out_with_failures())
    report()
