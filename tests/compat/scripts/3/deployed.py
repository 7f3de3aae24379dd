"""A flow of a repository of Git and of a folder, deployed to a pool by the client's own functions, and run by a worker."""

from prefect import flow
from prefect.deployments import deploy
from prefect.runner.storage import GitRepository

from command_line import prefect
from git_repository import repository
from readback import ask, note, noted, report


def told_deployment(name, deployment):
    fields = ["entrypoint", "path", "pull_steps", "tags", "description", "version", "parameters", "work_pool_name", "work_queue_name", "job_variables", "concurrency_limit", "paused", "status"]
    note(name, [{field: deployment[field] for field in fields}, [[schedule["schedule"], schedule["active"]] for schedule in deployment["schedules"]]])


def told_run(name):
    found = ask("/flow_runs/filter", {"flow_runs": {"name": {"any_": [name]}}})[0]
    logs = ask("/logs/filter", {"logs": {"flow_run_id": {"any_": [found["id"]]}}})
    note(name, [found["state_name"], found["parameters"], found["work_pool_name"], [log["message"] for log in logs if log["message"].startswith("word: ")]])


def deployed(url):
    note("pool", prefect("work-pool", "create", "local", "--type", "process")[0])
    remote = flow.from_source(GitRepository(url=url, branch="main", name="code"), entrypoint="flows.py:remote")
    here = flow.from_source("repository", entrypoint="flows.py:remote")
    noted("deploy to a pool that is not there", lambda: remote.deploy("x", work_pool_name="nowhere", print_next_steps=False))
    remote.deploy("one", work_pool_name="local", work_queue_name="q", parameters={"word": "git"}, job_variables={"env": {"A": "b"}}, interval=3600, paused=True, print_next_steps=False, ignore_warnings=True)
    made = deploy(
        remote.to_deployment("two", parameters={"word": "of two"}, work_queue_name="q"),
        here.to_deployment("three", parameters={"word": "of three"}),
        work_pool_name="local",
        print_next_steps_message=False,
        ignore_warnings=True,
    )
    note("made", len(made))
    for name in ("one", "two", "three"):
        told_deployment(name, ask(f"/deployments/name/remote/{name}"))
        prefect("deployment", "run", f"remote/{name}", "--flow-run-name", f"{name}_1")
    note("worked", prefect("worker", "start", "--pool", "local", "--name", "w", "--run-once", "--install-policy", "never")[0])
    for name in ("one", "two", "three"):
        told_run(f"{name}_1")


if __name__ == "__main__":
    deployed(repository())
    report(read=False)
