"""Variables: set, overwritten, read in flows, of every JSON kind, filtered and removed."""
import asyncio

from prefect import flow, get_client
from prefect.variables import Variable

from readback import ask, note, noted, report, request


@flow
def reads():
    return [Variable.get("text"), Variable.get("nowhere", default="fallback")]


async def asynchronously():
    await Variable.aset("from_async", [1, 2.0, None])
    async with get_client() as client:
        variable = await client.read_variable_by_name("from_async")
        note("read by name", [variable.name, variable.value, variable.tags])
        note("all", sorted(variable.name for variable in await client.read_variables(limit=50)))
        await client.delete_variable_by_name("from_async")
    return await Variable.aget("from_async")


if __name__ == "__main__":
    Variable.set("text", "one", tags=["b", "a"])
    Variable.set("mapping", {"a": 1, "exact": 1.0, "big": 12345678901234567890, "ü": ["☃"]})
    Variable.set("nothing", None)
    Variable.set("flag", False)
    noted("set twice", Variable.set, "text", 2)
    Variable.set("text", "two", overwrite=True, tags=["c"])
    note("read in a flow", reads())
    note("mapping", Variable.get("mapping"))
    note("async", asyncio.run(asynchronously()))
    noted("a bad name", Variable.set, "Bad Name!", 1)
    note("a bad name over REST", request("/variables/", {"name": "Bad Name!", "value": 1}).status_code)
    note("too long a name", request("/variables/", {"name": "n" * 256, "value": 1}).status_code)
    note("a name twice over REST", request("/variables/", {"name": "text", "value": 1}).status_code)
    note("unset", [Variable.unset("flag"), Variable.unset("flag")])
    note("by name", ask("/variables/name/mapping"))
    note("like", [variable["name"] for variable in ask("/variables/filter", {"variables": {"name": {"like_": "%a%"}}, "sort": "NAME_DESC"})])
    note("by tag", [variable["name"] for variable in ask("/variables/filter", {"variables": {"tags": {"all_": ["c"]}}})])
    note("untagged", sorted(variable["name"] for variable in ask("/variables/filter", {"variables": {"tags": {"is_null_": True}}})))
    note("count", ask("/variables/count", {"variables": {"name": {"any_": ["text", "nowhere"]}}}))
    note("changed", [request("/variables/name/text", {"value": {"b": 1}}, "PATCH").status_code, Variable.get("text")])
    note("unknown", [request("/variables/name/nowhere").status_code, request("/variables/name/nowhere", {"value": 1}, "PATCH").status_code, request("/variables/name/nowhere", method="DELETE").status_code])
    report()
