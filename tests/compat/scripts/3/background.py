"""Background tasks: delayed by one process, run by a worker in another."""
import signal
import subprocess
import sys
import time

from prefect import flow, task
from prefect.task_worker import serve

from readback import ask, note, noted, report


@task(retries=1, retry_delay_seconds=0.1, log_prints=True)
def double(number):
    print("doubling", number)
    return number * 2


@task
def fails(number):
    raise ValueError(f"cannot do {number}")


@task(task_run_name="sum-{numbers}", tags=["background"])
def add(numbers):
    return sum(numbers)


@flow
def delaying():
    return double.delay(100).task_run_id


if __name__ == "__main__":
    if len(sys.argv) > 1:
        # One at a time: of two tasks that print in one process the first to end takes the client's own `print` from the other.
        serve(double, fails, add, status_server_port=None, limit=1)
        sys.exit(0)
    early = double.delay(1)
    note("before a worker", ask(f"/task_runs/{early.task_run_id}")["state"]["name"])
    worker = subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        note("early", early.result(timeout=60))
        workers = ask("/task_workers/filter", {})
        note("workers", [[sorted(key.rsplit("-", 1)[0] for key in known["task_keys"]), sorted(known)] for known in workers])
        future = double.delay(21)
        note("result", future.result(timeout=60))
        failing = fails.delay(3)
        noted("failing", failing.result, timeout=60)
        note("state", [failing.state.type.value, failing.state.message])
        waiting = add.apply_async(([1, 2, 3],), wait_for=[future])
        waiting.wait(timeout=60)
        note("waiting", waiting.state.name)
        mapped = double.map([5, 6], deferred=True)
        note("mapped", sorted(each.result(timeout=60) for each in mapped))
        flow_state = delaying(return_state=True)
        deadline = time.monotonic() + 60
        delayed = str(flow_state.result())
        while ask(f"/task_runs/{delayed}")["state"]["type"] != "COMPLETED" and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        worker.send_signal(signal.SIGINT)
        worker.wait(timeout=30)
    report()
