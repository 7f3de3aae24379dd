"""A flow that needs a secret, behind a server that asks for one."""
from prefect import flow, get_run_logger, task
from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from prefect.events import emit_event

PLAIN = "s3cr3t-of-the-warehouse"


@task
def connect(password):
    get_run_logger().info("connected with %s characters", len(password))


@flow
def nightly():
    Secret(value=PLAIN).save("warehouse", overwrite=True)
    connect(Secret.load("warehouse").get())
    emit_event("warehouse.opened", {"prefect.resource.id": "warehouse.main"})


if __name__ == "__main__":
    nightly()
    with get_client(sync_client=True) as client:
        shown = client.read_block_document_by_name("warehouse", "secret", include_secrets=False)
        print("masked:", shown.data["value"])
