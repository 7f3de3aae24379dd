"""Blocks: saved, overwritten, nested, with secrets, of own types and of the client's, over the client and read raw."""
import asyncio
from enum import Enum
from typing import Optional, Union

from prefect import flow, get_client
from prefect.blocks.core import Block
from prefect.blocks.notifications import SlackWebhook
from prefect.blocks.system import Secret
from prefect.filesystems import LocalFileSystem
from pydantic import BaseModel, Field, SecretStr

from readback import Plain, ask, in_order, note, noted, report, request


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Settings(BaseModel):
    ratio: float = 1.0
    colours: list[Colour] = [Colour.RED]
    password: Optional[SecretStr] = None


class Inner(Block):
    number: int = 1
    token: SecretStr = SecretStr("t")


class Outer(Block):
    """An outer block.

    Attributes:
        inner: what is inside
    """

    _block_type_name = "Outer Thing"
    _logo_url = "http://127.0.0.1/logo.png"
    _documentation_url = "http://127.0.0.1/docs"

    inner: Inner
    either: Union[Inner, Secret, None] = None
    settings: Settings = Field(default_factory=Settings, description="ünïcode ☃")
    key: SecretStr
    big: int = 12345678901234567890
    ratio: float = 2.0


class Parent(Block):
    outer: Outer


@flow
def uses_blocks():
    return [Secret.load("plain").get(), Outer.load("outer").inner.number]


def saving():
    note("saved", type(Secret(value="one").save("plain")).__name__)
    Secret(value={"nested": ["json", 1.0]}).save("plain", overwrite=True)
    note("secret", Secret.load("plain").get())
    Secret(value="abc").save("plain", overwrite=True)
    noted("saved twice", Secret(value="other").save, "plain")
    noted("a bad name", Secret(value="x").save, "Bad Name!")
    noted("not there", Secret.load, "nowhere")
    LocalFileSystem(basepath="/srv/files").save("files")
    note("files", LocalFileSystem.load("files").basepath)
    SlackWebhook(url="http://127.0.0.1:9/x").save("slack")
    inner = Inner(number=3, token="inner token")
    inner.save("inner")
    outer = Outer(inner=inner, key="outer key", settings=Settings(password="deep"), either=Secret(value="anonymous inside"))
    outer.save("outer")
    loaded = Outer.load("outer")
    note("outer", [loaded.inner.number, loaded.inner.token.get_secret_value(), loaded.key.get_secret_value(), loaded.big, loaded.ratio, type(loaded.either).__name__])
    Parent(outer=loaded).save("parent")
    note("three deep", Parent.load("parent").outer.inner.token.get_secret_value())
    # What refers to a block sees its changes.
    Inner(number=4, token="changed").save("inner", overwrite=True)
    note("after the inner changed", [Outer.load("outer").inner.number, Block.load("outer-thing/outer").inner.token.get_secret_value()])
    anonymous = Inner(number=9)
    note("anonymous", str(anonymous._save(is_anonymous=True)) != "")
    Outer.register_type_and_schema()
    noted("deleted", Parent.delete, "parent")
    noted("loaded after", Parent.load, "parent")
    noted("a block of another type", lambda: Outer.load("inner"))


async def reading():
    async with get_client() as client:
        kind = await client.read_block_type_by_slug("outer-thing")
        note("type", [kind.name, kind.slug, str(kind.logo_url), str(kind.documentation_url), kind.description, kind.is_protected])
        documents = await client.read_block_documents_by_type("inner")
        note("documents by type", sorted(document.name for document in documents))
        document = await client.read_block_document_by_name("outer", "outer-thing", include_secrets=False)
        note("masked", document.data)
        schema = await client.get_most_recent_block_schema_for_block_type(kind.id)
        note("most recent schema", [schema.checksum == Outer._calculate_schema_checksum(), schema.capabilities])
        by_checksum = await client.read_block_schema_by_checksum(Outer._calculate_schema_checksum())
        fields = by_checksum.fields
        note("by checksum", {**fields, "definitions": sorted(set(fields["definitions"]) & {"Settings", "Colour"}), "block_schema_references": {name: in_order(given if isinstance(given, list) else [given]) for name, given in fields["block_schema_references"].items()}})
        types = await client.read_block_types()
        note("own types", sorted({"inner", "outer-thing", "parent"} & {block_type.slug for block_type in types if not block_type.is_protected}))
        note("some of the client's own types", sorted({"secret", "local-file-system", "slack-webhook"} & {block_type.slug for block_type in types}))
        note("named documents", sorted(str(document.name) for document in await client.read_block_documents()))


def over_rest():
    secret = ask("/block_types/slug/secret/block_documents/name/plain")
    note("a secret, masked", [secret["data"], secret["block_document_references"], secret["is_anonymous"], secret["block_type_name"]])
    note("keys of a document", sorted(secret))
    note("keys of its type", sorted(secret["block_type"]))
    note("keys of its schema", sorted(secret["block_schema"]))
    whole = ask("/block_types/slug/outer-thing/block_documents/name/outer?include_secrets=true")
    note("references", Plain().value(whole["block_document_references"]))
    note("data with secrets", whole["data"])
    note("by id", ask(f"/block_documents/{whole['id']}")["data"]["key"])
    note("filtered", [document["name"] for document in ask("/block_documents/filter", {"block_types": {"slug": {"any_": ["outer-thing", "secret"]}}, "sort": "NAME_ASC"})])
    note("with anonymous ones", len(ask("/block_documents/filter", {"block_documents": {"is_anonymous": None}, "block_types": {"slug": {"any_": ["inner"]}}})))
    note("count", ask("/block_documents/count", {"block_types": {"slug": {"any_": ["inner"]}}}))
    note("types like", sorted(kind["slug"] for kind in ask("/block_types/filter", {"block_types": {"name": {"like_": "outer"}}})))
    note("capabilities", request("/block_capabilities/").status_code)
    schema = ask("/block_schemas/", {"block_type_id": whole["block_type_id"], "fields": {"title": "x", "type": "object", "properties": {"a": {"default": 1.0, "type": "number", "description": "é\u2028"}}}, "capabilities": ["b", "a"]})
    note("checksum", [schema["checksum"][:7], len(schema["checksum"]), schema["version"], sorted(schema["capabilities"])])
    note("again the same schema", request("/block_schemas/", {"block_type_id": whole["block_type_id"], "fields": schema["fields"], "capabilities": []}).status_code)
    note("renamed to a name that is taken", request("/block_documents/", {"name": "outer", "data": {}, "block_schema_id": whole["block_schema_id"], "block_type_id": whole["block_type_id"]}).status_code)
    note("a protected type", [request(f"/block_types/{secret['block_type_id']}", {"description": "x"}, "PATCH").status_code, request(f"/block_types/{secret['block_type_id']}", method="DELETE").status_code])
    note("a slug that is reserved or wrong", request("/block_types/", {"name": "X", "slug": "Not A Slug"}).status_code)
    note("the same slug", request("/block_types/", {"name": "Outer Thing", "slug": "outer-thing"}).status_code)
    note("changed type", request(f"/block_types/{whole['block_type_id']}", {"description": "changed"}, "PATCH").status_code)
    note("description", ask("/block_types/slug/outer-thing")["description"])
    note("a type is deleted", [request(f"/block_types/{whole['block_type_id']}", method="DELETE").status_code, request(f"/block_documents/{whole['id']}").status_code])


if __name__ == "__main__":
    saving()
    note("in a flow", uses_blocks())
    asyncio.run(reading())
    over_rest()
    report()
