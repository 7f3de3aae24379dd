"""Triggers on flow runs as the client's own objects, and ours as it reads them. Start: python run_triggers.py"""
from datetime import timedelta

from prefect.automations import Automation
from prefect.client.orchestration import get_client
from prefect.events.actions import DoNothing
from prefect.events.schemas.automations import (
    CompoundTrigger,
    EventTrigger,
    MetricTrigger,
    MetricTriggerOperator,
    MetricTriggerQuery,
    Posture,
    PrefectMetric,
)


def metric(**more):
    return MetricTrigger(
        match_related={"prefect.resource.id": "prefect.tag.production", "prefect.resource.role": "tag"},
        metric=MetricTriggerQuery(
            name=PrefectMetric.successes, operator=MetricTriggerOperator.LT, threshold=0.9, range=timedelta(hours=1), **more
        ),
    )


made = Automation(
    name="failures", trigger=metric(), actions=[], actions_on_trigger=[DoNothing()], actions_on_resolve=[DoNothing()]
).create()
found = Automation.read(name="failures")
assert found.trigger.model_dump() == metric().model_dump(), found.trigger
assert found.actions_on_resolve == [DoNothing()], found
found.trigger = metric(firing_for=timedelta(minutes=10))
found.update()
again = Automation.read(id=made.id)
assert again.trigger.metric.firing_for == timedelta(minutes=10), again
assert again.trigger.match_related.root["prefect.resource.role"] == "tag", again

Automation(
    name="either",
    trigger=CompoundTrigger(require="any", within=None, triggers=[metric(), EventTrigger(expect={"a"})]),
    actions=[DoNothing()],
).create()
assert Automation.read(name="either").trigger.triggers[0] == metric()

with get_client(sync_client=True) as client:
    stay = {"time_in_state": {"states": ["Pending"], "for": 300}}
    body = {"name": "pending", "trigger": stay, "actions": [{"type": "do-nothing"}]}
    client.request("POST", "/automations/", json=body).raise_for_status()
    usual = {"time_in_state": {"states": ["Running"], "longer_than": {"times": 2}}}
    body = {"name": "slow", "trigger": usual, "actions": [{"type": "do-nothing"}]}
    client.request("POST", "/automations/", json=body).raise_for_status()

pending = Automation.read(name="pending")
trigger = pending.trigger
assert isinstance(trigger, EventTrigger) and trigger.posture == Posture.Proactive, trigger
assert (trigger.after, trigger.for_each) == ({"prefect.flow-run.Pending"}, {"prefect.resource.id"}), trigger
assert (trigger.within, trigger.threshold) == (timedelta(minutes=5), 1), trigger
assert "prefect.flow-run.Running" in trigger.expect, trigger
assert Automation.read(name="slow").trigger.within == timedelta(seconds=10)

# The switch leaves the trigger, and so does what writes all of it back; who changes it has an event trigger.
pending.disable()
pending.enable()
with get_client(sync_client=True) as client:
    kept = client.request("GET", f"/automations/{pending.id}").json()["trigger"]
    assert kept["time_in_state"]["for"] == 300, kept
    pending.description = "changed"
    pending.update()
    kept = client.request("GET", f"/automations/{pending.id}").json()["trigger"]
    assert kept["time_in_state"]["for"] == 300, kept
    pending.trigger.within = timedelta(minutes=6)
    pending.update()
    kept = client.request("GET", f"/automations/{pending.id}").json()["trigger"]
    assert "time_in_state" not in kept and kept["within"] == 360, kept
print("done")
