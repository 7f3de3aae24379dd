"""Automations as the client's own objects, and as a deployment brings them along. Start: python automations.py"""
import time
from datetime import timedelta

from prefect import flow
from prefect.automations import Automation
from prefect.blocks.notifications import SlackWebhook
from prefect.client.orchestration import get_client
from prefect.events import DeploymentEventTrigger, EventTrigger, Posture, emit_event
from prefect.events.actions import CancelFlowRun, DoNothing, SendNotification
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.events.schemas.automations import CompoundTrigger, SequenceTrigger


@flow
def nightly(day: str = "today"):
    return day


def event(name):
    return EventTrigger(expect={name}, posture=Posture.Reactive)


made = Automation(
    name="watch",
    description="first",
    tags=["sales"],
    trigger=CompoundTrigger(
        require="any",
        within=timedelta(minutes=1),
        triggers=[event("a"), SequenceTrigger(within=timedelta(hours=1), triggers=[event("b"), event("c")])],
    ),
    actions=[CancelFlowRun()],
).create()
found = Automation.read(name="watch")
assert found.id == made.id and found.trigger.triggers[1].triggers[1].expect == {"c"}, found
found.description = "second"
found.trigger = EventTrigger(expect={"d"}, posture=Posture.Proactive, within=timedelta(seconds=30))
found.update()
found.disable()
again = Automation.read(id=made.id)
assert (again.description, again.enabled, again.trigger.within) == ("second", False, timedelta(seconds=30)), again
again.enable()
assert Automation.read(id=made.id).enabled

owned = None
for expect in ("one", "two"):
    deployment = nightly.to_deployment(
        "every-night",
        triggers=[
            DeploymentEventTrigger(
                name="on-sales", expect={expect}, match={"prefect.resource.id": "sales"}, parameters={"day": "{{ event.id }}"}
            ),
            DeploymentEventTrigger(expect={"other"}, enabled=False),
        ],
    )
    id = deployment.apply()
    with get_client(sync_client=True) as client:
        listed = client.request("GET", f"/automations/related-to/prefect.deployment.{id}").json()
    names = sorted((one["name"], one["enabled"], *one["trigger"]["expect"]) for one in listed)
    assert names == [("every-night__automation_2", False, "other"), ("on-sales", True, expect)], names

cause = emit_event(event="two", resource={"prefect.resource.id": "sales"}, payload={"exact": 1.5})
with get_client(sync_client=True) as client:
    fired = []
    deadline = time.monotonic() + 60
    while not fired and time.monotonic() < deadline:
        time.sleep(0.1)
        page = client.read_events(filter=EventFilter(event=EventNameFilter(name=["prefect.automation.triggered"])), limit=50)
        fired = [event for event in page.events if event.resource.name == "on-sales"]
[told] = fired
assert told.resource["prefect.posture"] == "Reactive", told
assert [(one.id, one.role) for one in told.related] == [(f"prefect.event.{cause.id}", "triggering-event")], told
triggering = told.payload["triggering_event"]
assert (triggering["id"], triggering["payload"]) == (str(cause.id), {"exact": 1.5}), told

# What an action says about alerts is Ostinato's: this client passes it over, and does not lose it.
block = SlackWebhook(url="https://hooks.example/services/T/B/x").save("alerted", overwrite=True)
telling = Automation(
    name="telling", trigger=event("y"), actions=[SendNotification(block_document_id=block, subject="s", body="b")]
).create()
alert = {"severity": "critical", "close_after": 7200}
with get_client(sync_client=True) as client:
    path = f"/automations/{telling.id}"
    sent = client.request("GET", path).json()
    sent = {key: value for key, value in sent.items() if key not in ("id", "created", "updated")}
    sent["actions"][0]["alert"] = alert
    client.request("PUT", path, json=sent)
    read = Automation.read(name="telling")
    assert read.actions[0].subject == "s", read
    read.description = "changed by a client that knows nothing of alerts"
    read.update()
    kept = client.request("GET", path).json()
assert (kept["description"], kept["actions"][0]["alert"]) == (read.description, alert), kept
telling.delete()

Automation(name="short", trigger=event("x"), actions=[DoNothing()]).create()
Automation.read(name="short").delete()
try:
    Automation.read(name="short")
    raise SystemExit("it is still there")
except ValueError:
    print("done")
