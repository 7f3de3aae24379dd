"""A flow that says that it has begun, and then is silent until it is killed."""
import time

from prefect import flow, task


@task
def hold():
    print("holding", flush=True)
    time.sleep(600)


@flow(name="killed")
def killed():
    hold()


if __name__ == "__main__":
    killed()
