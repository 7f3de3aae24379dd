"""Tasks whose tags have limits: over the tag API and the newer one, exceeded, zero, changed while they run."""
import asyncio
import time

from prefect import flow, get_client, task

from readback import ask, note, report, request

at_once = []
most = []


@task(tags=["narrow"])
def narrow(number):
    at_once.append(number)
    most.append(len(at_once))
    time.sleep(0.2)
    at_once.remove(number)
    return number


@task(tags=["without-limit", "another"])
def free():
    return 1


@task(tags=["closed"])
def closed():
    return 1


@flow
def limited():
    futures = narrow.map([1, 2, 3])
    free()
    return sorted(future.result() for future in futures)


@flow
def has_closed_task():
    closed()


async def tag_limits():
    async with get_client() as client:
        await client.create_concurrency_limit(tag="narrow", concurrency_limit=1)
        await client.create_concurrency_limit(tag="closed", concurrency_limit=0)
        await client.create_concurrency_limit(tag="spare", concurrency_limit=5)
        limits = await client.read_concurrency_limits(limit=10, offset=0)
        note("limits", sorted([limit.tag, limit.concurrency_limit, limit.active_slots] for limit in limits))
        one = await client.read_concurrency_limit_by_tag("narrow")
        note("by tag", [one.tag, one.concurrency_limit])
        await client.create_concurrency_limit(tag="spare", concurrency_limit=7)
        note("set again", (await client.read_concurrency_limit_by_tag("spare")).concurrency_limit)
        await client.reset_concurrency_limit_by_tag("spare", slot_override=[])
        await client.delete_concurrency_limit_by_tag("spare")
        try:
            await client.read_concurrency_limit_by_tag("spare")
        except Exception as error:
            note("deleted", type(error).__name__)


if __name__ == "__main__":
    asyncio.run(tag_limits())
    note("result", limited())
    note("at most at once", max(most))
    note("seen in the other API", sorted([limit["name"], limit["limit"], limit["active_slots"], limit["active"]] for limit in ask("/v2/concurrency_limits/filter", {})))
    note("raw", ask("/concurrency_limits/filter", {})[0])
    note("unknown", [request("/concurrency_limits/tag/nowhere").status_code, request("/concurrency_limits/tag/nowhere", method="DELETE").status_code])
    state = has_closed_task(return_state=True)
    note("a limit of zero", [state.type.value, state.message])
    report()
