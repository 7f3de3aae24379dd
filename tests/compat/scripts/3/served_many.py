"""Several flows that one process serves, of its own file and of a repository of Git."""
import os
import signal
import subprocess
import sys
from pathlib import Path

from command_line import prefect
from git_repository import repository
from readback import ask, note, report, request, wait

PROGRAM = Path(__file__).parents[1] / "programs" / "served_many.py"


def ready(name):
    response = request(f"/deployments/name/{name}")
    return response.status_code == 200 and response.json()["status"] == "READY" and response.json()


def told_deployment(name, deployment):
    fields = ["entrypoint", "path", "pull_steps", "tags", "description", "version", "parameters", "work_pool_name", "work_queue_name", "job_variables", "concurrency_limit", "paused", "status"]
    # Where the checkout lies says nothing.
    told = {field: deployment[field] for field in fields} | {"entrypoint": deployment["entrypoint"].split("/")[-1]}
    note(name, [told, [[schedule["schedule"], schedule["active"]] for schedule in deployment["schedules"]]])


def told_run(name):
    found = ask("/flow_runs/filter", {"flow_runs": {"name": {"any_": [name]}}})[0]
    logs = wait("its logs", lambda: [log["message"] for log in ask("/logs/filter", {"logs": {"flow_run_id": {"any_": [found["id"]]}}}) if log["message"].startswith("word: ")])
    note(name, [found["state_name"], found["parameters"], found["work_pool_name"], logs])


def served(url):
    with open("served.log", "w") as log:
        program = subprocess.Popen([sys.executable, str(PROGRAM), url], env={**os.environ, "PREFECT_RUNNER_POLL_FREQUENCY": "1"}, stdout=log, stderr=log)
        try:
            for name in ("local/many", "remote/many"):
                told_deployment(name, wait(name, lambda: ready(name)))
            for name in ("local", "remote"):
                code, _ = prefect("deployment", "run", f"{name}/many", "--flow-run-name", f"{name}_1", "--watch")
                note(f"watched {name}", code)
                told_run(f"{name}_1")
            program.send_signal(signal.SIGINT)
            note("ended", program.wait(30))
        except BaseException:
            print(Path("served.log").read_text())
            raise
        finally:
            program.kill()
    note("not paused", [ask(f"/deployments/name/{name}/many")["paused"] for name in ("local", "remote")])


if __name__ == "__main__":
    served(repository())
    report(read=False)
