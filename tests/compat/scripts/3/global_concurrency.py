"""Global limits: slots held by flows and tasks, limits that are full, missing, inactive, rates that refill, leases."""
import asyncio

from prefect import flow, get_client, task
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate, GlobalConcurrencyLimitUpdate
from prefect.concurrency.asyncio import concurrency as async_concurrency
from prefect.concurrency.asyncio import rate_limit as async_rate_limit
from prefect.concurrency.sync import concurrency, rate_limit

from readback import ask, note, noted, report, request


@task
def in_slot(number):
    with concurrency("pool", occupy=1, timeout_seconds=30):
        pass
    rate_limit("rate", occupy=1)
    return number


def occupy(*names, **options):
    with concurrency(*names, **options):
        return "held"


@flow
def holding():
    note("mapped", [future.result() for future in in_slot.map([1, 2, 3])])
    noted("missing", occupy, ["missing"], occupy=1)
    noted("missing, strictly", occupy, ["missing"], occupy=1, strict=True)
    noted("inactive", occupy, ["asleep"], occupy=1)
    noted("two at once", occupy, ["pool", "wide"], occupy=2)
    with concurrency("pool", occupy=2):
        note("while held", active_slots("pool"))
        noted("full", occupy, ["pool"], occupy=1, timeout_seconds=1)
    note("after", active_slots("pool"))


def active_slots(name):
    return ask(f"/v2/concurrency_limits/{name}")["active_slots"]


async def asynchronously():
    async with async_concurrency("pool", occupy=1):
        await async_rate_limit("rate", occupy=1)
        return active_slots("pool")


async def make_limits():
    async with get_client() as client:
        for name, limit, decay, active in (("pool", 2, 0, True), ("wide", 10, 0, True), ("rate", 10, 20.0, True), ("asleep", 1, 0, False)):
            await client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=limit, active=active, slot_decay_per_second=decay))
        await client.upsert_global_concurrency_limit_by_name(name="upserted", limit=3)
        await client.upsert_global_concurrency_limit_by_name(name="upserted", limit=4)
        await client.update_global_concurrency_limit(name="wide", concurrency_limit=GlobalConcurrencyLimitUpdate(limit=11, name="wide"))
        note("limits", sorted([limit.name, limit.limit, limit.active, limit.slot_decay_per_second] for limit in await client.read_global_concurrency_limits()))
        await client.delete_global_concurrency_limit_by_name("upserted")
        try:
            await client.read_global_concurrency_limit_by_name("upserted")
        except Exception as error:
            note("deleted", type(error).__name__)


def over_rest():
    note("raw", ask("/v2/concurrency_limits/wide"))
    lease = ask("/v2/concurrency_limits/increment-with-lease", {"names": ["pool", "nowhere"], "slots": 1, "mode": "concurrency", "lease_duration": 60})
    note("leased", {**lease, "limits": [{**limit} for limit in lease["limits"]]})
    note("renewed", request(f"/v2/concurrency_limits/leases/{lease['lease_id']}/renew", {"lease_duration": 60}).status_code)
    full = request("/v2/concurrency_limits/increment", {"names": ["pool"], "slots": 2, "mode": "concurrency"})
    note("full over REST", [full.status_code, float(full.headers["Retry-After"]) >= 0])
    note("more than there are", request("/v2/concurrency_limits/increment", {"names": ["pool"], "slots": 3, "mode": "concurrency"}).status_code)
    note("given back", [request("/v2/concurrency_limits/decrement-with-lease", {"lease_id": lease["lease_id"]}).status_code, active_slots("pool")])
    note("a lease that is gone", request(f"/v2/concurrency_limits/leases/{lease['lease_id']}/renew", {"lease_duration": 60}).status_code)
    note("given back twice", request("/v2/concurrency_limits/decrement-with-lease", {"lease_id": lease["lease_id"]}).status_code)
    note("a rate without decay", request("/v2/concurrency_limits/increment", {"names": ["pool"], "slots": 1, "mode": "rate_limit"}).status_code)
    note("too short a lease", request("/v2/concurrency_limits/increment-with-lease", {"names": ["pool"], "slots": 1, "mode": "concurrency", "lease_duration": 1}).status_code)
    taken = ask("/v2/concurrency_limits/increment", {"names": ["pool"], "slots": 1, "mode": "concurrency"})
    note("taken without a lease", taken)
    note("given back without a lease", request("/v2/concurrency_limits/decrement", {"names": ["pool"], "slots": 1, "occupancy_seconds": 0.5}).json()[0]["name"])
    note("a name twice", request("/v2/concurrency_limits/", {"name": "pool", "limit": 1}).status_code)
    note("a negative limit", request("/v2/concurrency_limits/", {"name": "negative", "limit": -1}).status_code)


if __name__ == "__main__":
    asyncio.run(make_limits())
    holding()
    note("async", asyncio.run(asynchronously()))
    over_rest()
    report()
