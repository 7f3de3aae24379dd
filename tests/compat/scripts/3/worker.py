"""A flow of a local file is deployed to a process pool; a worker takes what is due, starts a process for each, and ends."""
import shutil
from pathlib import Path

from command_line import prefect as command
from readback import ask, note, report

PROGRAM = Path(__file__).parents[1] / "programs" / "prefect-demo.py"


def prefect(*words):
    """Its exit code; what went wrong is printed."""
    code, lines = command(*words)
    if code != 0:
        print(words, *lines, sep="\n")
    return code


def run_named(name):
    return next(iter(ask("/flow_runs/filter", {"flow_runs": {"name": {"any_": [name]}}})), None)


def told_run(name):
    run = run_named(name)
    states = sorted(ask(f"/flow_run_states/?flow_run_id={run['id']}"), key=lambda state: state["timestamp"])
    pool = [run[field] for field in ("work_pool_name", "work_queue_name", "job_variables", "parameters")]
    logs = ask("/logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}})
    printed = sorted(log["message"] for log in logs if log["message"].startswith("sales of"))
    labels = {key: value for key, value in run["labels"].items() if key.startswith("prefect.worker")}
    note(name, [[state["name"] for state in states], pool, printed, labels, run["infrastructure_pid"] is not None])


def work(*words):
    return prefect("worker", "start", "--pool", "local", "--name", "w", "--run-once", "--install-policy", "never", *words)


def deploy():
    shutil.copy(PROGRAM, "prefect-demo.py")
    note("pool", prefect("work-pool", "create", "local", "--type", "process"))
    deploy_it = ["--no-prompt", "deploy", "prefect-demo.py:main_flow_sales", "--name", "demo", "--pool", "local"]
    note("deploy", prefect(*deploy_it, "--work-queue", "urgent", "--job-variable", '{"env": {"PLACE": "north"}}'))
    deployment = ask("/deployments/name/main-flow-sales/demo")
    note("deployment", [deployment[field] for field in ("work_pool_name", "work_queue_name", "job_variables", "status", "entrypoint")])


def runs():
    run = ["deployment", "run", "main-flow-sales/demo", "--flow-run-name"]
    note("asked for", [prefect(*run, "good_1"), prefect(*run, "bad_1", "-p", "minimum=1000"), prefect(*run, "other_1")])
    note("another queue", work("--work-queue", "default"))
    note("still waiting", run_named("other_1")["state_type"])
    note("worked", work())
    for name in ("good_1", "bad_1", "other_1"):
        told_run(name)
    note("ready", [ask("/work_pools/local")["status"], ask("/work_pools/local/queues/urgent")["status"], ask("/deployments/name/main-flow-sales/demo")["status"]])
    note("workers", [[worker["name"], worker["status"]] for worker in ask("/work_pools/local/workers/filter", {})])


def paused():
    prefect("work-pool", "pause", "local")
    prefect("deployment", "run", "main-flow-sales/demo", "--flow-run-name", "paused_1")
    note("paused", [work(), run_named("paused_1")["state_type"]])
    prefect("work-pool", "resume", "local")
    note("resumed", ask("/work_pools/local")["status"])


if __name__ == "__main__":
    deploy()
    runs()
    paused()
    report(read=False)
