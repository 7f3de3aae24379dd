"""A flow that its own process deploys, and serves until it is told to end."""
import time

from prefect import flow, task


@task
def double(number):
    return 2 * number


@flow(log_prints=True)
def served(x: int = 1, name: str = "nobody", seconds: float = 0):
    print(f"{name} asks for {x}")
    time.sleep(seconds)
    if x < 0:
        raise ValueError("negative")
    return double(x)


if __name__ == "__main__":
    served.serve(name="srv", tags=["st"], interval=3600, parameters={"name": "schedule"}, description="d", version="7")
