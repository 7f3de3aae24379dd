"""Every kind of artifact, made in tasks, flows and outside, updated, read back, and collected by key."""
import asyncio

from prefect import flow, get_client, task
from prefect.artifacts import (
    Artifact,
    create_image_artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey, ArtifactFilterType
from prefect.client.schemas.sorting import ArtifactCollectionSort, ArtifactSort

from readback import ask, note, noted, report, request


@task
def makes():
    create_markdown_artifact("# first", key="words", description="described")
    create_table_artifact([{"a": 1, "b": 2.0, "c": None}, {"a": "x"}], key="rows")
    create_table_artifact({"column": [1, 2]}, key="columns")
    create_table_artifact([["a", float("nan")]], key="not-a-number")
    create_link_artifact("http://127.0.0.1/x", key="link", link_text="shown", description="d")
    create_image_artifact("http://127.0.0.1/y.png", key="image")
    progress = create_progress_artifact(0.0, key="progress", description="on the way")
    update_progress_artifact(progress, 50.0)
    update_progress_artifact(progress, 99.5, description="there")


@flow
def making():
    makes()
    create_markdown_artifact("without a key")
    create_markdown_artifact("# second", key="words")
    note("got", Artifact.get("words").data)
    note("got or created", [Artifact.get_or_create("fresh", data='{"a": 1}', type="markdown")[1], Artifact.get_or_create("fresh", data="other")[1]])
    note("not there", Artifact.get("nowhere"))


async def read():
    async with get_client() as client:
        by_type = await client.read_artifacts(artifact_filter=ArtifactFilter(type=ArtifactFilterType(any_=["table"])), sort=ArtifactSort.KEY_ASC)
        note("tables", [[artifact.key, artifact.data] for artifact in by_type])
        latest = await client.read_latest_artifacts(artifact_filter=None, sort=ArtifactCollectionSort.KEY_DESC, limit=3)
        note("latest", [[artifact.key, artifact.type, str(artifact.data)] for artifact in latest])
        like = await client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(like_="%row%")))
        note("like", [artifact.key for artifact in like])
        keyless = await client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(exists_=False)))
        note("without a key", [artifact.data for artifact in keyless if artifact.type == "markdown"])
        words = await client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["words"])), sort=ArtifactSort.CREATED_DESC)
        note("history", [artifact.data for artifact in words])
        await client.delete_artifact(words[0].id)
        again = await client.read_latest_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["words"])))
        note("latest after the latest was deleted", [artifact.data for artifact in again])


if __name__ == "__main__":
    create_markdown_artifact("outside of a run", key="outside")
    making()
    asyncio.run(read())
    note("by key", ask("/artifacts/link/latest"))
    note("a bad key", request("/artifacts/", {"key": "Bad Key", "data": 1}).status_code)
    noted("a bad key in the client", create_markdown_artifact, "x", key="Bad Key")
    note("numbers", request("/artifacts/", {"key": "numbers", "type": "own", "data": {"exact": 1.0, "big": 12345678901234567890}}).json())
    note("count of latest", ask("/artifacts/latest/count", {}))
    note("unknown", [request("/artifacts/nothing/latest").status_code, request("/artifacts/00000000-0000-0000-0000-000000000001").status_code])
    report()
