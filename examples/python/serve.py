"""A flow that serves itself, with Prefect 3 on a server of Ostinato: see README.md beside this file."""
from prefect import flow, task


@task
def greeting(name):
    return f"Hello {name}"


@flow(log_prints=True)
def greet(name: str = "Prefect"):
    print(greeting(name))


if __name__ == "__main__":
    greet.serve(name="hourly", cron="0 * * * *", parameters={"name": "Ostinato"}, tags=["python"])
