"""Blocks, variables, artifacts and limits of the 2.x client."""
import asyncio

from prefect import flow, get_client, task
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact
from prefect.blocks.core import Block
from prefect.blocks.system import JSON, Secret
from prefect.concurrency.sync import concurrency, rate_limit
from prefect.variables import Variable
from pydantic import VERSION

if VERSION.startswith("2."):
    from pydantic.v1 import SecretStr
else:
    from pydantic import SecretStr

from readback import ask, note, noted, report, request


class Inner(Block):
    number: int = 1


class Outer(Block):
    inner: Inner
    key: SecretStr
    ratio: float = 1.0


@task
def makes():
    create_markdown_artifact("# words", key="words", description="described")
    create_table_artifact([{"a": 1, "b": 2.0}], key="rows")
    create_link_artifact("http://127.0.0.1/x", key="link")


@flow
def using():
    makes()
    with concurrency("pool", occupy=1):
        pass
    rate_limit("rate", occupy=1)
    return Secret.load("secret").get()


async def over_client():
    async with get_client() as client:
        await client.create_concurrency_limit(tag="narrow", concurrency_limit=1)
        note("tag limit", (await client.read_concurrency_limit_by_tag("narrow")).concurrency_limit)
        note("hello", (await client.hello()).json())
        note("flows", [flow.name for flow in await client.read_flows()])
        documents = await client.read_block_documents()
        note("documents", sorted(str(document.name) for document in documents))


if __name__ == "__main__":
    Secret(value="hidden").save("secret", overwrite=True)
    noted("saved twice", Secret(value="x").save, "secret")
    JSON(value={"a": 1.0}).save("json")
    note("json", JSON.load("json").value)
    inner = Inner(number=3)
    inner.save("inner")
    Outer(inner=inner, key="k").save("outer")
    note("outer", [Outer.load("outer").inner.number, Outer.load("outer").key.get_secret_value()])
    note("outer, masked", ask("/block_types/slug/outer/block_documents/name/outer")["data"]["key"])
    Variable.set("text", "one", tags=["a"])
    Variable.set("text", "two", overwrite=True)
    note("variable", Variable.get("text").value if hasattr(Variable.get("text"), "value") else Variable.get("text"))
    for name, decay in (("pool", 0), ("rate", 10.0)):
        ask("/v2/concurrency_limits/", {"name": name, "limit": 2, "slot_decay_per_second": decay})
    note("using", using())
    asyncio.run(over_client())
    report()
