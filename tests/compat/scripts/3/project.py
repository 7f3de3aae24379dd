"""A project of several deployments: begun by `prefect init`, deployed from its `prefect.yaml`, and run by a worker that pulls its code."""
import os
import subprocess
from pathlib import Path

import yaml
from prefect.blocks.system import Secret
from prefect.variables import Variable

from command_line import prefect, told
from readback import ask, in_order, note, report

FLOWS = '''
from prefect import flow, task


@task
def rows_of(region):
    return {"north": 3, "south": 4}[region]


@flow(log_prints=True)
def sales(region: str = "north", minimum: int = 1):
    """Sales of a region."""
    rows = rows_of(region)
    print(f"sales of {region}: {rows}")
    if rows < minimum:
        raise ValueError("too few")


@flow
def returns(day: str):
    return day
'''

PROJECT = """
name: shop
prefect-version: null
build:
- prefect.deployments.steps.run_shell_script:
    id: commit
    script: git -C code rev-parse --abbrev-ref HEAD
    stream_output: false
push: null
pull:
- prefect.deployments.steps.git_clone:
    id: clone
    repository: "file://{{ $CODE_FOLDER }}"
    branch: main
- prefect.deployments.steps.run_shell_script:
    script: echo pulled
    directory: "{{ clone.directory }}"
definitions:
  work_pool: &pool
    name: local
    work_queue_name: night
    job_variables:
      env:
        TOKEN: "{{ prefect.blocks.secret.token }}"
        REGION: "{{ prefect.variables.region }}"
deployments:
- name: sales
  version: "{{ commit.stdout }}"
  tags: ["a", "{{ $SHOP_TAG }}"]
  description: Each night.
  entrypoint: flows.py:sales
  parameters: {region: south}
  work_pool: *pool
  concurrency_limit:
    limit: 2
    collision_strategy: CANCEL_NEW
  schedules:
  - cron: "0 3 * * *"
    timezone: Europe/Paris
    slug: nightly
    active: false
    parameters: {minimum: 2}
  - interval: 3600
    anchor_date: "2026-01-01T00:00:00+00:00"
    active: false
  - rrule: "DTSTART:20260101T000000\\nFREQ=WEEKLY;BYDAY=MO"
    active: false
  triggers:
  - type: event
    name: after-import
    enabled: true
    match: {prefect.resource.id: shop.imports}
    expect: [import.done]
    threshold: 2
    within: 60
    parameters: {region: "{{ event.resource.id }}"}
  - type: compound
    require: all
    within: 600
    triggers:
    - {type: event, posture: Proactive, expect: [import.begun], within: 30}
    - {type: event, expect: [import.done]}
- name: returns
  entrypoint: flows.py:returns
  work_pool: {name: local}
  schedule: {cron: "5 4 * * *", active: false}
- name: nowhere
  entrypoint: flows.py:sales
  work_pool: {name: no-such-pool}
"""


def git(*words):
    subprocess.run(["git", "-c", "user.name=somebody", "-c", "user.email=somebody@example.org", *words], cwd="code", check=True, capture_output=True)


def begun():
    """By each recipe that asks for nothing, or is told what it asks for."""
    for recipe, fields in (("local", []), ("git", ["repository=file:///code", "branch=main"]), ("docker", ["image_name=shop", "tag=1"]), ("s3", ["bucket=b", "folder=f"])):
        folder = Path(f"begun-{recipe}")
        folder.mkdir()
        os.chdir(folder)
        words = [word for field in fields for word in ("--field", field)]
        note(f"init {recipe}", prefect("--no-prompt", "init", "--name", "shop", "--recipe", recipe, *words)[0])
        os.chdir("..")
        project = yaml.safe_load((folder / "prefect.yaml").read_text())
        project["prefect-version"] = "<version>"
        note(f"project of {recipe}", [sorted(path.name for path in folder.iterdir()), project])
    note("init of no such recipe", prefect("--no-prompt", "init", "--recipe", "nothing")[0])


def prepared():
    Path("code").mkdir()
    Path("code/flows.py").write_text(FLOWS)
    git("init", "--quiet", "--initial-branch", "main")
    git("add", "--all")
    git("commit", "--quiet", "--message", "flows")
    Path("flows.py").write_text(FLOWS)
    Path("prefect.yaml").write_text(PROJECT)
    Secret(value="hidden").save("token")
    Variable.set("region", "north")
    os.environ.update(CODE_FOLDER=str(Path("code").resolve()), SHOP_TAG="from-the-environment")
    told(None, "work-pool", "create", "local", "--type", "process")


def deployed(name):
    deployment = ask(f"/deployments/name/{name}")
    fields = ["version", "tags", "description", "entrypoint", "parameters", "work_pool_name", "work_queue_name", "job_variables", "concurrency_limit", "concurrency_options", "paused", "pull_steps", "path", "enforce_parameter_schema"]
    schedules = in_order([schedule[field] for field in ("slug", "active", "schedule", "parameters")] for schedule in deployment["schedules"])
    related = ask(f"/automations/related-to/prefect.deployment.{deployment['id']}")
    told_automations = in_order([each["name"], each["enabled"], each["trigger"], each["actions"]] for each in related)
    return [{field: deployment[field] for field in fields}, schedules, plain(told_automations)]


def plain(value):
    """Without the order of sets, and without the ids of triggers."""
    if isinstance(value, dict):
        return {name: sorted(item) if name in ("expect", "after", "for_each") else plain(item) for name, item in value.items() if name != "id"}
    return [plain(item) for item in value] if isinstance(value, list) else value


def deploys():
    note("deploy --all", prefect("--no-prompt", "deploy", "--all")[0])
    for name in ("sales/sales", "returns/returns"):
        note(name, deployed(name))
    note("names", sorted(deployment["name"] for deployment in ask("/deployments/filter", {})))
    # What is written otherwise the next time; what is not written any more.
    project = yaml.safe_load(PROJECT)
    project["deployments"] = project["deployments"][:2]
    first = project["deployments"][0]
    first["schedules"] = [{"cron": "0 4 * * *", "slug": "nightly", "active": False}]
    first["triggers"] = [{"type": "event", "name": "after-import", "expect": ["import.failed"]}]
    first.pop("description")
    Path("prefect.yaml").write_text(yaml.safe_dump(project))
    note("deploy one", prefect("--no-prompt", "deploy", "-n", "sales", "--tag", "by-hand")[0])
    note("sales/sales, again", deployed("sales/sales"))
    told("deploy none", "--no-prompt", "deploy", "-n", "nothing")
    note("deploy by pattern", prefect("--no-prompt", "deploy", "--name", "ret*")[0])
    note("deploy an entrypoint that is not there", prefect("--no-prompt", "deploy", "flows.py:nothing", "-n", "x", "--pool", "local")[0])
    note("a schedule by hand", prefect("--no-prompt", "deploy", "-n", "returns", "--cron", "1 2 3 * *", "--timezone", "Asia/Tokyo")[0])
    note("returns/returns, again", [[schedule["schedule"], schedule["active"]] for schedule in ask("/deployments/name/returns/returns")["schedules"]])
    prefect("deployment", "schedule", "clear", "returns/returns", "--accept-yes")


def worked():
    run = ["deployment", "run", "--flow-run-name"]
    note("asked for", [prefect(*run, "good_1", "sales/sales")[0], prefect(*run, "few_1", "sales/sales", "-p", "minimum=10")[0], prefect(*run, "day_1", "returns/returns", "-p", "day=monday")[0]])
    code, lines = prefect("worker", "start", "--pool", "local", "--name", "w", "--run-once", "--install-policy", "never")
    note("worked", code)
    for name in ("good_1", "few_1", "day_1"):
        found = ask("/flow_runs/filter", {"flow_runs": {"name": {"any_": [name]}}})[0]
        logs = [log["message"] for log in ask("/logs/filter", {"logs": {"flow_run_id": {"any_": [found["id"]]}}})]
        note(name, [found["state_name"], found["parameters"], found["deployment_version"], found["work_queue_name"], sorted(line for line in logs if line.startswith("sales of"))])
        if found["state_type"] not in ("COMPLETED", "FAILED"):
            print(*lines, *logs, sep="\n")


if __name__ == "__main__":
    begun()
    prepared()
    deploys()
    worked()
    report(read=False)
