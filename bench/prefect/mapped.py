"""A fan-out of no-op tasks against a server, until the server shows all task runs as completed: microseconds, as JSON."""

import json
import os
import sys
import time
import urllib.request

from prefect import flow, task
from prefect.context import get_run_context

POLL_SECONDS = 0.05
TIMEOUT_SECONDS = 600


@task
def noop(x: int) -> int:
    return x


def completed(flow_run_id: str) -> int:
    body = {"flow_runs": {"id": {"any_": [flow_run_id]}}, "task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    request = urllib.request.Request(
        os.environ["PREFECT_API_URL"] + "/task_runs/count",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        return int(response.read())


@flow
def mapped(count: int) -> tuple[str, float, float]:
    started = time.perf_counter()
    noop.map(range(count)).result()
    return str(get_run_context().flow_run.id), started, time.perf_counter()


if __name__ == "__main__":
    count = int(sys.argv[1])
    mapped(20)
    flow_run_id, started, done = mapped(count)
    while completed(flow_run_id) < count:
        if time.perf_counter() - started > TIMEOUT_SECONDS:
            sys.exit(f"only {completed(flow_run_id)} of {count} task runs were recorded after {TIMEOUT_SECONDS} s")
        time.sleep(POLL_SECONDS)
    recorded = time.perf_counter()
    print(json.dumps({"microsecondsUntilDone": (done - started) * 1e6, "microsecondsUntilRecorded": (recorded - started) * 1e6}))
