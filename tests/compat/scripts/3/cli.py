"""The client's command line, command by command, in one process."""
import subprocess
import sys
import time

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.blocks.system import Secret

from command_line import prefect, told
from readback import ask, drain_client, note, report


@task(task_run_name="task_1")
def step():
    get_run_logger().info("a line of the task")
    create_markdown_artifact("# made", key="made", description="by the command line's test")
    return 1


@flow(flow_run_name="run_1", name="listed")
def listed():
    get_run_logger().info("a line of the run")
    return step()


def by_name(path, name):
    return next(entity["id"] for entity in ask(path, {}) if entity["name"] == name)


def runs():
    run_id, task_run_id = by_name("/flow_runs/filter", "run_1"), by_name("/task_runs/filter", "task_1")
    told(None, "flow", "ls")
    told(None, "flow-run", "ls")
    told(None, "flow-run", "ls", "--flow-name", "listed", "--state", "Completed", "--limit", "5")
    told(None, "flow-run", "ls", "--state-type", "FAILED")
    note("flow-run inspect", prefect("flow-run", "inspect", run_id)[0])
    told("flow-run logs", "flow-run", "logs", run_id)
    told("flow-run logs --head --num-logs 1", "flow-run", "logs", run_id, "--head", "--num-logs", "1")
    told("flow-run logs --reverse", "flow-run", "logs", run_id, "--reverse")
    told("flow-run cancel", "flow-run", "cancel", run_id)
    told("task-run ls", "task-run", "ls")
    note("task-run inspect", prefect("task-run", "inspect", task_run_id)[0])
    told("task-run logs", "task-run", "logs", task_run_id)
    told("unknown run", "flow-run", "inspect", "00000000-0000-0000-0000-000000000001")
    told("unknown run's logs", "flow-run", "logs", "00000000-0000-0000-0000-000000000001")
    told("scheduled run is cancelled", "flow-run", "cancel", ask("/flow_runs/", {"flow_id": ask("/flows/name/listed")["id"], "name": "waiting_1", "state": {"type": "SCHEDULED"}})["id"])
    told("flow-run delete", "flow-run", "delete", run_id)
    told("deleted twice", "flow-run", "delete", run_id)


def things():
    told(None, "variable", "set", "own", "first")
    told(None, "variable", "set", "own", '{"a": 1.0}', "--overwrite", "--tag", "x")
    told(None, "variable", "get", "own")
    note("variable ls", prefect("variable", "ls")[0])
    note("variable inspect", prefect("variable", "inspect", "own")[0])
    told(None, "variable", "unset", "own")
    told(None, "variable", "get", "own")
    told(None, "artifact", "ls")
    told(None, "artifact", "inspect", "made", "--limit", "1", "-o", "json")
    told(None, "artifact", "delete", "made")
    told(None, "artifact", "inspect", "made")
    Secret(value="hidden").save("mine")
    told(None, "block", "ls")
    note("block type ls", sorted({line.split(" ")[0] for line in prefect("block", "type", "ls")[1]} & {"secret", "webhook", "local-file-system"}))
    told(None, "block", "inspect", "secret/mine")
    note("block type inspect", prefect("block", "type", "inspect", "secret")[0])
    told(None, "block", "delete", "secret/mine")
    told(None, "block", "inspect", "secret/mine")


def limits():
    told(None, "concurrency-limit", "create", "busy", "3")
    note("concurrency-limit ls", prefect("concurrency-limit", "ls")[0])
    told(None, "concurrency-limit", "inspect", "busy", "-o", "json")
    told(None, "concurrency-limit", "reset", "busy")
    told(None, "concurrency-limit", "delete", "busy")
    told(None, "concurrency-limit", "inspect", "busy")
    told(None, "global-concurrency-limit", "create", "wide", "--limit", "3", "--slot-decay-per-second", "1.5")
    note("global-concurrency-limit ls", prefect("global-concurrency-limit", "ls")[0])
    told(None, "global-concurrency-limit", "disable", "wide")
    told(None, "global-concurrency-limit", "disable", "wide")
    told(None, "global-concurrency-limit", "enable", "wide")
    told(None, "global-concurrency-limit", "update", "wide", "--limit", "5")
    told(None, "global-concurrency-limit", "inspect", "wide", "-o", "json")
    told(None, "global-concurrency-limit", "delete", "wide")
    told(None, "global-concurrency-limit", "inspect", "wide")


def others():
    told(None, "event", "emit", "own.event", "--resource-id", "own.thing", "--payload", '{"a": 1.0}')
    told(None, "config", "set", "PREFECT_LOGGING_LEVEL=INFO")
    told(None, "profile", "ls")
    told(None, "profile", "create", "another")
    note("api GET", prefect("api", "GET", "/admin/version")[1][-1:])
    note("api POST", prefect("api", "POST", "/flows/filter", "--data", '{"limit": 1}')[0])
    version = subprocess.run([sys.executable, "-m", "prefect", "version"], capture_output=True, text=True)
    note("version", [version.returncode, [line.split(":")[0] for line in version.stdout.splitlines() if line and line[0] != " "][:4], "Server type:         server" in version.stdout])


if __name__ == "__main__":
    listed()
    drain_client()
    while not ask("/task_runs/filter", {"task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}):
        time.sleep(0.1)
    while len(ask("/logs/filter", {})) < 5:
        time.sleep(0.1)
    things()
    runs()
    limits()
    others()
    report()
