"""A served flow: its process deploys it, asks for its runs, and starts a process for each."""
import os
import signal
import subprocess
import sys
from pathlib import Path

from prefect import flow
from prefect.deployments import run_deployment

from command_line import prefect
from readback import ask, note, report, request, wait

PROGRAM = Path(__file__).parents[1] / "programs" / "served.py"


def deployed():
    response = request("/deployments/name/served/srv")
    return response.json() if response.status_code == 200 else None


def run_named(name):
    return next(iter(ask("/flow_runs/filter", {"flow_runs": {"name": {"any_": [name]}}})), None)


def state_of(name):
    run = run_named(name)
    return run and run["state_name"]


def scheduled():
    return ask("/flow_runs/filter", {"flow_runs": {"tags": {"all_": ["auto-scheduled"]}}, "sort": "EXPECTED_START_TIME_ASC"})


def told_of_schedule():
    runs = wait("runs of the schedule", lambda: (found := scheduled()) and len(found) == 3 and found)
    note("runs of the schedule", [[run["state_name"], run["state"]["message"], run["tags"], run["parameters"], run["auto_scheduled"], run["deployment_version"], run["created_by"]["type"], run["created_by"]["display_value"], run["labels"], run["idempotency_key"]] for run in runs])
    times = [run["expected_start_time"] for run in runs]
    note("an hour apart", [time[14:] == times[0][14:] for time in times])


@flow
def asks_for_another():
    run = run_deployment("served/srv", parameters={"x": 5, "name": "parent"}, flow_run_name="child_1", poll_interval=0.5)
    return run.state.name


def watched(name, *words):
    """Only what does not hang on when the server was asked."""
    code, lines = prefect("deployment", "run", "served/srv", "--flow-run-name", name, "--watch", *words)
    note(f"deployment run {name}", [code, sorted({line for line in lines if line.startswith("Flow run ")})])


def runs():
    watched("watched_1", "-p", "x=3", "-p", "name=watcher", "--tag", "by-hand")
    watched("failed_1", "-p", "x=-1")
    note("parameters that do not fit", prefect("deployment", "run", "served/srv", "-p", "x=three")[0])
    note("unknown parameter", prefect("deployment", "run", "served/srv", "-p", "y=1"))
    note("run_deployment", asks_for_another())
    note("later", prefect("deployment", "run", "served/srv", "--flow-run-name", "later_1", "--start-in", "2 days")[0])
    note("long", prefect("deployment", "run", "served/srv", "--flow-run-name", "long_1", "-p", "seconds=60")[0])
    wait("long_1 runs", lambda: state_of("long_1") == "Running")
    note("cancel", prefect("flow-run", "cancel", run_named("long_1")["id"])[0])
    wait("long_1 is cancelled", lambda: state_of("long_1") == "Cancelled")


if __name__ == "__main__":
    environment = {**os.environ, "PREFECT_RUNNER_POLL_FREQUENCY": "1"}
    with open("served.log", "w") as log:
        server = subprocess.Popen([sys.executable, str(PROGRAM)], env=environment, stdout=log, stderr=log)
        try:
            wait("it is deployed and ready", lambda: (found := deployed()) and found["status"] == "READY")
            told_of_schedule()
            runs()
            server.send_signal(signal.SIGINT)
            note("ended", server.wait(30))
        except BaseException:
            print(Path("served.log").read_text())
            raise
        finally:
            server.kill()
    wait("it is paused", lambda: deployed()["paused"])
    report()
