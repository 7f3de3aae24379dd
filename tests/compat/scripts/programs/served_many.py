"""Two flows that one process serves: one of this file, one of a repository of Git."""
import sys

from prefect import flow, serve
from prefect.runner.storage import GitRepository


@flow(log_prints=True)
def local(word: str = "here"):
    print(f"word: {word}")


if __name__ == "__main__":
    remote = flow.from_source(GitRepository(url=sys.argv[1], branch="main", name="code"), entrypoint="flows.py:remote")
    serve(
        local.to_deployment("many", tags=["m"], description="of this file", version="3", concurrency_limit=1),
        remote.to_deployment("many", cron="0 0 1 1 *", parameters={"word": "there"}),
        limit=2,
        pause_on_shutdown=False,
    )
