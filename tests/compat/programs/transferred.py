"""What a workspace holds: `transferred.py make NAME` makes it, `transferred.py tell` prints it as JSON. By the client of the server that is set."""
import asyncio
import datetime
import json
import sys

from prefect import flow, get_client
from prefect.automations import Automation
from prefect.blocks.core import Block
from prefect.client.schemas.actions import DeploymentScheduleCreate, GlobalConcurrencyLimitCreate, WorkPoolCreate
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.events import EventTrigger
from prefect.events.actions import RunDeployment
from prefect.variables import Variable
from prefect.workers.process import ProcessWorker
from pydantic import SecretStr


async def make_blocks(name):
    """Of types that are new: the client leaves out what is of a type that the other server knows already."""

    class Key(Block):
        _block_type_name = f"Key of {name}"
        value: SecretStr

    class Store(Block):
        _block_type_name = f"Store of {name}"
        key: Key
        rows: int = 3

    key = Key(value=f"hidden by {name}")
    await key.save(f"key-{name}")
    await Store(key=key, rows=7).save(f"store-{name}")


@flow(name="moved")
def moved(rows: int = 1):
    return rows


async def make(name):
    await Variable.aset(f"of_{name}", {"exact": 1.5, "of": name}, tags=["t"])
    await make_blocks(name)
    async with get_client() as client:
        template = ProcessWorker.get_default_base_job_template()
        await client.create_work_pool(WorkPoolCreate(name=f"pool-{name}", type="process", base_job_template=template, concurrency_limit=4))
        await client.create_work_queue(name=f"queue-{name}", work_pool_name=f"pool-{name}", priority=1, concurrency_limit=2)
        await client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=f"limit-{name}", limit=5))
        anchor = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        deployment = await client.create_deployment(
            flow_id=await client.create_flow(moved),
            name=name,
            version="1",
            tags=["night"],
            description="Each night.",
            parameters={"rows": 5},
            entrypoint="flows.py:moved",
            path=".",
            work_pool_name=f"pool-{name}",
            work_queue_name=f"queue-{name}",
            job_variables={"env": {"A": "b"}},
            pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": "/srv"}}],
            parameter_openapi_schema={"type": "object", "properties": {"rows": {"type": "integer"}}},
            schedules=[
                DeploymentScheduleCreate(schedule=CronSchedule(cron="0 3 * * *", timezone="Europe/Paris"), active=False, slug="nightly"),
                DeploymentScheduleCreate(schedule=IntervalSchedule(interval=datetime.timedelta(hours=1), anchor_date=anchor), active=False),
            ],
        )
    trigger = EventTrigger(expect={f"{name}.done"}, within=datetime.timedelta(seconds=5), threshold=2)
    action = RunDeployment(deployment_id=deployment, parameters={"rows": 9})
    await Automation(name=f"automation-{name}", trigger=trigger, actions=[action], tags=["a"]).acreate()


async def tell():
    told = {}
    async with get_client() as client:
        told["variables"] = sorted([each.name, each.value, each.tags] for each in await client.read_variables())
        documents = await client.read_block_documents(include_secrets=True)
        told["blocks"] = sorted([str(each.name), each.block_type.slug, json.dumps(each.data, sort_keys=True)] for each in documents)
        told["pools"] = [[pool.name, pool.type, pool.concurrency_limit, sorted(pool.base_job_template)] for pool in sorted(await client.read_work_pools(), key=lambda pool: pool.name)]
        queues = [queue for pool in told["pools"] for queue in await client.read_work_queues(work_pool_name=pool[0])]
        told["queues"] = sorted([queue.work_pool_name, queue.name, queue.concurrency_limit, queue.is_paused] for queue in queues)
        limits = await client.read_global_concurrency_limits(limit=100)
        told["limits"] = sorted([limit.name, limit.limit, limit.slot_decay_per_second, limit.active] for limit in limits)
        deployments = sorted(await client.read_deployments(), key=lambda each: each.name)
        fields = ("name", "version", "tags", "description", "parameters", "entrypoint", "path", "work_pool_name", "work_queue_name", "job_variables", "pull_steps", "paused")
        told["deployments"] = [
            [
                {field: getattr(each, field) for field in fields},
                sorted([str(schedule.slug), schedule.active, schedule.schedule.model_dump_json()] for schedule in each.schedules),
            ]
            for each in deployments
        ]
        names = {str(each.id): each.name for each in deployments}
        found = await client.read_automations()
        told["automations"] = sorted(
            [each.name, each.enabled, sorted(each.trigger.expect), each.trigger.threshold, [names.get(str(action.deployment_id)) for action in each.actions], each.tags]
            for each in found
        )
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    asyncio.run(make(sys.argv[2]) if sys.argv[1] == "make" else tell())
