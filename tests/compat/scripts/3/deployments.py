"""Deployments and their schedules, by the client's methods and by its command line."""
import asyncio
import datetime

from prefect import flow, get_client
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.utilities.callables import parameter_schema

from command_line import prefect, told
from readback import ask, note, report, request


@flow
def sales(day: str = "today", rows: int = 10):
    return rows


ANCHOR = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


async def made():
    async with get_client() as client:
        flow_id = await client.create_flow(sales)
        schema = parameter_schema(sales).model_dump_for_openapi()
        deployment_id = await client.create_deployment(
            flow_id=flow_id,
            name="daily",
            version="1",
            tags=["t", "u"],
            description="Each day.",
            parameters={"rows": 5},
            entrypoint="sales.py:sales",
            path=".",
            parameter_openapi_schema=schema,
            enforce_parameter_schema=True,
            schedules=[
                DeploymentScheduleCreate(schedule=CronSchedule(cron="0 9 * * *", timezone="Europe/London"), active=True, slug="morning"),
                DeploymentScheduleCreate(schedule=IntervalSchedule(interval=datetime.timedelta(minutes=15), anchor_date=ANCHOR), active=False),
                DeploymentScheduleCreate(schedule=RRuleSchedule(rrule="DTSTART:20200101T000000\nFREQ=DAILY;COUNT=3"), active=True, parameters={"rows": 7}),
            ],
            concurrency_limit=2,
            concurrency_options={"collision_strategy": "ENQUEUE"},
        )
        read = await client.read_deployment(deployment_id)
        note("read", [read.name, read.version, read.paused, read.status.value, read.parameters, len(read.schedules), read.global_concurrency_limit.limit])
        note("by name", (await client.read_deployment_by_name("sales/daily")).id == deployment_id)
        note("listed", [found.name for found in await client.read_deployments()])
        run = await client.create_flow_run_from_deployment(deployment_id, parameters={"day": "monday"}, name="run_1", tags=["r"], idempotency_key="once", job_variables={"env": {"A": "b"}})
        again = await client.create_flow_run_from_deployment(deployment_id, parameters={"day": "friday"}, name="run_2", idempotency_key="once")
        note("once", [run.id == again.id, again.name, run.parameters, sorted(run.tags), run.deployment_id == deployment_id])
        due = await client.get_scheduled_flow_runs_for_deployments([deployment_id], scheduled_before=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=10))
        note("due", [found.name for found in due])
        # It would be late some time.
        await client.delete_flow_run(run.id)
        try:
            await client.create_flow_run_from_deployment(deployment_id, parameters={"rows": "many"})
        except Exception as error:
            note("misfit", [type(error).__name__, str(error).splitlines()[0]])
        schedules = await client.read_deployment_schedules(deployment_id)
        await client.update_deployment_schedule(deployment_id, schedules[0].id, active=False)
        await client.delete_deployment_schedule(deployment_id, schedules[1].id)
        more = await client.create_deployment_schedules(deployment_id, [(CronSchedule(cron="@daily"), True)])
        note("one more", [found.active for found in more])
        note("schedules", [[type(found.schedule).__name__, found.active] for found in await client.read_deployment_schedules(deployment_id)])
        await client.pause_deployment(deployment_id)
        note("paused", (await client.read_deployment(deployment_id)).paused)
        await client.resume_deployment(deployment_id)
        note("resumed", (await client.read_deployment(deployment_id)).paused)


def commands():
    told(None, "deployment", "ls")
    told(None, "deployment", "schedule", "create", "sales/daily", "--interval", "3600", "--anchor-date", "2026-01-01T00:00:00Z")
    told(None, "deployment", "schedule", "create", "sales/daily", "--cron", "5 4 * * *", "--timezone", "America/New_York", "--no-active")
    told(None, "deployment", "schedule", "create", "sales/daily", "--rrule", '{"rrule": "FREQ=WEEKLY;BYDAY=MO", "timezone": "UTC"}', "--replace", "--accept-yes")
    told(None, "deployment", "schedule", "create", "sales/daily", "--cron", "not cron")
    schedule = ask("/deployments/name/sales/daily")["schedules"][0]["id"]
    told("schedule pause", "deployment", "schedule", "pause", "sales/daily", schedule)
    told("schedule resume", "deployment", "schedule", "resume", "sales/daily", schedule)
    told("schedule delete", "deployment", "schedule", "delete", "sales/daily", schedule, "--accept-yes")
    told(None, "deployment", "schedule", "create", "sales/daily", "--cron", "0 0 1 1 *")
    told(None, "deployment", "schedule", "pause", "--all")
    told(None, "deployment", "schedule", "resume", "--all")
    told(None, "deployment", "schedule", "clear", "sales/daily", "--accept-yes")
    told("run", "deployment", "run", "sales/daily", "-p", "rows=3", "--flow-run-name", "run_3", "--start-at", "in 2 days")
    told(None, "deployment", "run", "sales/daily", "-p", "bogus=3")
    told(None, "deployment", "run", "sales/none")
    told(None, "deployment", "inspect", "sales/none")
    note("inspect", prefect("deployment", "inspect", "sales/daily")[0])
    told(None, "deployment", "delete", "sales/daily")
    told(None, "deployment", "delete", "sales/daily")


def by_rest():
    flow_id = ask("/flows/", {"name": "other"})["id"]

    def told_rest(name, path, body=None, method=None):
        response = request(path, body, method)
        text = response.json() if response.content else None
        note(name, [response.status_code, text if response.status_code >= 400 else None])
        return text

    made = told_rest("bare", "/deployments/", {"name": "bare", "flow_id": flow_id})
    told_rest("again", "/deployments/", {"name": "bare", "flow_id": flow_id, "tags": ["again"], "schedules": [{"schedule": {"cron": "0 0 * * *"}, "slug": "a"}, {"schedule": {"cron": "1 0 * * *"}, "slug": "b"}]})
    path = f"/deployments/{made['id']}"
    told_rest("no slug", path, {"schedules": [{"schedule": {"cron": "0 0 * * *"}}]}, "PATCH")
    told_rest("new without schedule", path, {"schedules": [{"slug": "c"}]}, "PATCH")
    told_rest("taken", path, {"schedules": [{"slug": "b", "replaces": "a"}]}, "PATCH")
    told_rest("swapped", path, {"schedules": [{"slug": "b", "replaces": "a"}, {"slug": "a", "replaces": "b"}]}, "PATCH")
    told_rest("patched", path, {"description": "patched", "schedules": [{"slug": "a", "active": False}]}, "PATCH")
    told_rest("unknown deployment", "/deployments/00000000-0000-0000-0000-000000000001", {"version": "1"}, "PATCH")
    told_rest("unknown schedule", f"{path}/schedules/00000000-0000-0000-0000-000000000001", {"active": False}, "PATCH")
    told_rest("unknown run of", "/deployments/00000000-0000-0000-0000-000000000001/create_flow_run", {})
    told_rest("bulk", f"{path}/create_flow_run/bulk", [{"name": name, "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": "2100-01-01T00:00:00Z"}}} for name in ("bulk_1", "bulk_2")])
    note("paginate", {name: value for name, value in ask("/deployments/paginate", {"limit": 1}).items() if name != "results"})
    note("count", ask("/deployments/count", {"deployments": {"tags": {"all_": ["again"]}}}))
    note("count by flow", list(ask("/ui/flows/count-deployments", {"flow_ids": [flow_id]}).values()))
    told_rest("schedule", f"{path}/schedule", {"start_time": "2026-02-01T00:00:00Z", "end_time": "2026-02-03T00:00:00Z", "min_runs": 10})
    note("runs of a range", sorted(run["expected_start_time"][:16] for run in ask("/flow_runs/filter", {"flow_runs": {"expected_start_time": {"before_": "2026-02-04T00:00:00Z"}}})))
    told_rest("pause", f"{path}/pause_deployment", {})
    note("none is left", ask("/flow_runs/count", {"flow_runs": {"tags": {"all_": ["auto-scheduled"]}}}))


if __name__ == "__main__":
    asyncio.run(made())
    commands()
    by_rest()
    report()
