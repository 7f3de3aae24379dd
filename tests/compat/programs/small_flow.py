"""The smallest flow: what its client says of the server stands on the error output."""
from prefect import flow


@flow
def small() -> int:
    return 1


assert small() == 1
