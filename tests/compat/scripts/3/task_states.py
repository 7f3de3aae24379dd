"""Task runs that are moved over REST, as older clients do: retries, caching, guards. Limits of tags are in transitions.test.ts: Prefect's server cannot tell them on SQLite."""
import asyncio
from uuid import uuid4

from prefect import get_client, task
from prefect.states import Pending, Running

from readback import ask, note, report, request


def create(flow_run_id, key, **more):
    return ask("/task_runs/", {"flow_run_id": flow_run_id, "task_key": "own", "dynamic_key": key, "name": f"own_{key}", **more})["id"]


def move(task_run_id, kind, force=False, **state):
    response = request(f"/task_runs/{task_run_id}/set_state", {"state": {"type": kind, **state}, "force": force})
    told = response.json()
    details = dict(told.get("details") or {})
    # How long to wait is partly chance.
    details.pop("delay_seconds", None)
    return [response.status_code, told.get("status"), (told.get("state") or {}).get("type"), (told.get("state") or {}).get("name"), details]


def walk(name, task_run_id, *steps):
    note(name, [move(task_run_id, *step[:1], **(step[1] if len(step) > 1 else {})) for step in steps])


PERSISTED = {"data": {"type": "reference", "storage_key": "k"}}
UNPERSISTED = {"data": {"type": "unpersisted"}}


def main():
    flow_id = ask("/flows/", {"name": "moved"})["id"]
    flow_run_id = ask("/flow_runs/", {"flow_id": flow_id, "name": "moved_1"})["id"]
    note("flow not running", move(create(flow_run_id, "early"), "RUNNING"))
    note("flow", request(f"/flow_runs/{flow_run_id}/set_state", {"state": {"type": "RUNNING"}}).status_code)
    walk("life", create(flow_run_id, "life"), ("PENDING",), ("RUNNING",), ("RUNNING",), ("COMPLETED", UNPERSISTED), ("COMPLETED",), ("RUNNING",), ("FAILED",), ("CRASHED",), ("CANCELLING",), ("PAUSED",))
    walk("kept", create(flow_run_id, "kept"), ("RUNNING",), ("COMPLETED", PERSISTED), ("RUNNING",), ("PENDING",), ("COMPLETED",), ("FAILED",))
    retried = create(flow_run_id, "retried", empirical_policy={"retries": 2, "retry_delay": 30})
    walk("retried", retried, ("RUNNING",), ("FAILED", {"message": "first"}), ("RUNNING",))
    note("run count", ask(f"/task_runs/{retried}")["run_count"])
    at_once = create(flow_run_id, "at-once", empirical_policy={"retries": 1, "retry_delay": 0})
    walk("retried at once", at_once, ("RUNNING",), ("FAILED",), ("RUNNING",), ("FAILED",), ("RUNNING",))
    walk("not to be retried", create(flow_run_id, "final", empirical_policy={"retries": 2}), ("RUNNING",), ("FAILED", {"state_details": {"retriable": False}}))
    cached = {"state_details": {"cache_key": "shared", "cache_expiration": "2100-01-01T00:00:00Z"}}
    walk("fills a cache", create(flow_run_id, "fills"), ("RUNNING", cached), ("COMPLETED", {**PERSISTED, **cached}))
    walk("from the cache", create(flow_run_id, "cached"), ("RUNNING", cached))
    walk("refreshes", create(flow_run_id, "refreshes"), ("RUNNING", {"state_details": {"cache_key": "shared", "refresh_cache": True}}))
    stale = {"state_details": {"cache_key": "stale", "cache_expiration": "2000-01-01T00:00:00Z"}}
    walk("fills a stale cache", create(flow_run_id, "stale"), ("RUNNING", stale), ("COMPLETED", {**PERSISTED, **stale}))
    walk("not from the stale cache", create(flow_run_id, "not-cached"), ("RUNNING", stale))
    long_key = {"state_details": {"cache_key": "k" * 2001}}
    walk("too long a cache key", create(flow_run_id, "long"), ("RUNNING", long_key), ("COMPLETED", long_key))
    future = {"state_details": {"scheduled_time": "2100-01-01T00:00:00Z"}}
    walk("later", create(flow_run_id, "later", state={"type": "SCHEDULED", **future}), ("PENDING",), ("RUNNING",))
    walk("names", create(flow_run_id, "names"), ("RUNNING", {"name": "Own"}), ("COMPLETED", {"name": "Skippy", "message": "m"}))
    note("pausing the flow", request(f"/flow_runs/{flow_run_id}/set_state", {"state": {"type": "PAUSED", "state_details": {"pause_key": "1", "pause_timeout": "2100-01-01T00:00:00Z"}}}).json()["status"])
    walk("the flow is paused", create(flow_run_id, "paused"), ("RUNNING",))
    note("ended", request(f"/flow_runs/{flow_run_id}/set_state", {"state": {"type": "COMPLETED"}, "force": True}).json()["status"])
    walk("the flow is over", create(flow_run_id, "over"), ("RUNNING",))
    walk("forced", create(flow_run_id, "forced"), ("RUNNING", {"force": True}), ("CRASHED", {"force": True}), ("CANCELLING", {"force": True}))
    note("the same key", [request("/task_runs/", {"flow_run_id": flow_run_id, "task_key": "own", "dynamic_key": "life"}).status_code])
    note("unknown", [request(f"/task_runs/{uuid4()}").status_code, request(f"/task_runs/{uuid4()}/set_state", {"state": {"type": "RUNNING"}}).status_code])
    note("of an unknown flow run", request("/task_runs/", {"flow_run_id": str(uuid4()), "task_key": "own", "dynamic_key": "x"}).status_code)


async def over_client():
    @task
    def described():
        pass

    async with get_client() as client:
        run = await client.create_task_run(described, flow_run_id=None, dynamic_key="k1", state=Pending(), name="own_client")
        note("created", [run.state.name, run.flow_run_id])
        result = await client.set_task_run_state(run.id, Running(), force=True)
        note("set", [result.status.value, result.state.name])
        await client.set_task_run_name(run.id, "own_renamed")
        note("states", [state.name for state in await client.read_task_run_states(run.id)])
        note("renamed", (await client.read_task_run(run.id)).name)
        await client.delete_task_run(run.id)
        try:
            await client.read_task_run(run.id)
        except Exception as error:
            note("deleted", type(error).__name__)


if __name__ == "__main__":
    main()
    asyncio.run(over_client())
    report()
