"""Deployed runs that let go of their process: suspended, resumed by command, with input, from outside, cancelled while they are suspended."""
import asyncio
from pathlib import Path

from prefect import get_client
from prefect.flow_runs import resume_flow_run, suspend_flow_run

from command_line import prefect
from readback import ask, note, noted, report, request

FLOWS = '''
from prefect import flow, task
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput


class Answer(RunInput):
    number: int
    words: str = "none"


@task(persist_result=True)
def step(number):
    print("step", number)
    return number


@flow(log_prints=True, persist_result=True)
def once():
    step(1)
    suspend_flow_run(timeout=600)
    return step(2)


@flow(log_prints=True, persist_result=True)
def asks():
    given = suspend_flow_run(wait_for_input=Answer.with_initial_data(number=7), key="asked", timeout=600)
    print("given", given.number, given.words)
    return step(given.number)
'''
POOL = ["--pool", "local"]


def run_named(name):
    return ask("/flow_runs/filter", {"flow_runs": {"name": {"any_": [name]}}})[0]


def work():
    code, lines = prefect("worker", "start", *POOL, "--name", "w", "--run-once", "--install-policy", "never")
    if code != 0:
        print(*lines, sep="\n")
    return code


def told(when, *names):
    for name in names:
        run = run_named(name)
        details = run["state"]["state_details"]
        states = sorted(ask(f"/flow_run_states/?flow_run_id={run['id']}"), key=lambda state: state["timestamp"])
        logs = ask("/logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "sort": "TIMESTAMP_ASC"})
        paused = {field: details.get(field) for field in ("pause_key", "pause_reschedule", "run_input_keyset") if details.get(field)}
        note(f"{name}, {when}", [[state["name"] for state in states], paused, run["run_count"], [log["message"] for log in logs if log["message"].startswith(("step", "given"))]])


def resume(name, run_input=None):
    response = request(f"/flow_runs/{run_named(name)['id']}/resume", {"run_input": run_input})
    told_resume = response.json()
    return [response.status_code, told_resume["status"], (told_resume.get("state") or {}).get("name"), told_resume["details"]]


async def suspended_from_outside():
    """One that has not begun cannot be."""
    run_id = run_named("outside_1")["id"]
    try:
        await suspend_flow_run(flow_run_id=run_id, timeout=600)
        note("outside", "suspended")
    except Exception as error:
        note("outside", [type(error).__name__, str(error).splitlines()[0]])
    async with get_client() as client:
        note("outside is", (await client.read_flow_run(run_id)).state_name)


if __name__ == "__main__":
    Path("flows.py").write_text(FLOWS)
    note("pool", prefect("work-pool", "create", "local", "--type", "process")[0])
    for flow in ("once", "asks"):
        note(f"deploy {flow}", prefect("--no-prompt", "deploy", f"flows.py:{flow}", "--name", "d", *POOL)[0])
    for flow, name in (("once", "once_1"), ("once", "cancelled_1"), ("asks", "asks_1"), ("asks", "typed_1")):
        prefect("deployment", "run", f"{flow}/d", "--flow-run-name", name)
    note("worked", work())
    told("suspended", "once_1", "cancelled_1", "asks_1", "typed_1")
    note("keys of inputs", sorted(entry["key"] for entry in ask(f"/flow_runs/{run_named('asks_1')['id']}/input/filter", {"prefix": "asked", "limit": 10})))
    note("resumed without the input that it asks for", resume("asks_1"))
    note("resumed with input of another type", resume("asks_1", {"number": "many"}))
    note("resumed with input", resume("asks_1", {"number": 5, "words": "yes"}))
    noted("resumed by the client", lambda: resume_flow_run(run_named("typed_1")["id"], run_input={"number": 6}))
    note("cancel", prefect("flow-run", "cancel", run_named("cancelled_1")["id"])[0])
    noted("resumed", lambda: resume_flow_run(run_named("once_1")["id"]))
    noted("resumed twice", lambda: resume_flow_run(run_named("once_1")["id"]))
    noted("resumed after it was cancelled", lambda: resume_flow_run(run_named("cancelled_1")["id"]))
    told("resumed", "once_1", "asks_1", "cancelled_1")
    prefect("deployment", "run", "once/d", "--flow-run-name", "outside_1", "--start-in", "2 days")
    asyncio.run(suspended_from_outside())
    note("worked again", work())
    told("at the end", "once_1", "cancelled_1", "asks_1", "typed_1")
    report(read=False)
