"""Events of one's own: emitted, followed live, found again with filters, counted."""
import asyncio

from prefect import flow, get_client
from prefect.events import emit_event, get_events_subscriber
from prefect.events.filters import EventAnyResourceFilter, EventFilter, EventNameFilter, EventOrder, EventResourceFilter

from readback import drain_client, note, report


@flow
def emitting():
    emit_event(event="own.in-flow", resource={"prefect.resource.id": "own.thing.2"}, payload={"exact": 1.0, "big": 12345678901234567890, "ü": "☃"})


async def follow():
    wanted = EventFilter(event=EventNameFilter(prefix=["own."]))
    seen = []
    async with get_events_subscriber(filter=wanted) as subscriber:
        first = emit_event(
            event="own.first",
            resource={"prefect.resource.id": "own.thing.1", "kind": "thing"},
            related=[{"prefect.resource.id": "own.friend.1", "prefect.resource.role": "friend"}],
            payload={"a": [1, 2.5, None]},
        )
        emit_event(event="own.second", resource={"prefect.resource.id": "own.thing.1"}, follows=first)
        emit_event(event="other.third", resource={"prefect.resource.id": "own.thing.1"})
        emit_event(event="own.fourth", resource={"prefect.resource.id": "own.thing.3"})
        async for event in subscriber:
            seen.append([event.event, event.resource.id, event.payload, [related.role for related in event.related], event.follows == first.id])
            if len(seen) == 3:
                break
    note("followed", sorted(seen, key=str))


async def follow_what_was():
    """A subscriber that comes late is told what happened before."""
    async with get_events_subscriber(filter=EventFilter(event=EventNameFilter(name=["own.in-flow"]))) as subscriber:
        async for event in subscriber:
            note("told afterwards", [event.event, event.payload, sorted(related.role for related in event.related)])
            break


async def find():
    async with get_client() as client:
        async def ask(name, **criteria):
            page = await client.read_events(filter=EventFilter(order=EventOrder.ASC, **criteria), limit=50)
            note(name, [page.total, sorted(event.event for event in page.events)])

        await ask("by prefix", event=EventNameFilter(prefix=["own."]))
        await ask("without a prefix", event=EventNameFilter(prefix=["own.", "other."], exclude_prefix=["own.s"]))
        await ask("by name", event=EventNameFilter(name=["own.first", "own.nothing"]))
        await ask("by resource", resource=EventResourceFilter(id=["own.thing.1"]))
        await ask("by resource prefix", resource=EventResourceFilter(id_prefix=["own.thing."]))
        await ask("by label", resource=EventResourceFilter(labels={"kind": "th*"}))
        await ask("by any resource", any_resource=EventAnyResourceFilter(id=["own.friend.1"]))
        page = await client.read_events(filter=EventFilter(event=EventNameFilter(prefix=["own.", "other."])), limit=2)
        note("pages", [page.total, len(page.events), page.next_page is not None])
        following = await page.get_next_page(client)
        note("next page", [len(following.events), {event.id for event in page.events} & {event.id for event in following.events} == set()])


if __name__ == "__main__":
    asyncio.run(follow())
    emitting()
    drain_client()
    asyncio.run(follow_what_was())
    import time

    # What is filtered may be written a little after it is told to followers.
    time.sleep(2)
    asyncio.run(find())
    report(events=True)
