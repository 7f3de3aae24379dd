"""A flow and its task, which tell what happened; and code outside any run."""
from prefect import flow, task, tags
from prefect.events import emit_event
from prefect.events.worker import EventsWorker

ORDER = {"prefect.resource.id": "order.1", "prefect.resource.name": "first"}


@task(name="ship", tags=["fast"])
def ship():
    emit_event(
        "shop.shipped",
        resource=ORDER,
        related=[{"prefect.resource.id": "customer.1", "prefect.resource.role": "customer"}],
        payload={"n": 9007199254740993},
    )


@flow(name="sell", flow_run_name="monday")
def sell():
    opened = emit_event("shop.opened", resource=ORDER)
    emit_event("shop.closed", resource=ORDER, follows=opened)
    ship()


if __name__ == "__main__":
    emit_event("shop.outside", resource=ORDER)
    with tags("daily", "sales"):
        sell()
    EventsWorker.instance().drain()
