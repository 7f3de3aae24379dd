"""`sequential.py COUNT [WARM_UP]`: sequential no-op tasks against a server; microseconds a task, as JSON."""

import json
import sys
import time

from prefect import flow, task


@task
def noop(x: int) -> int:
    return x


@flow
def sequential(count: int) -> float:
    started = time.perf_counter()
    for i in range(count):
        noop(i)
    return time.perf_counter() - started


if __name__ == "__main__":
    count = int(sys.argv[1])
    sequential(int(sys.argv[2]) if len(sys.argv) > 2 else 20)
    print(json.dumps({"microsecondsPerTask": sequential(count) * 1e6 / count}))
