"""The flow whose runs are asked for."""

from prefect import flow


@flow(name="due")
def due():
    pass
