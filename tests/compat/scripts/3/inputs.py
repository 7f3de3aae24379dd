"""Inputs that running flows send each other."""
import asyncio

from prefect import flow, get_client
from prefect.context import get_run_context
from prefect.input import RunInput, receive_input, send_input

from readback import note, report, request


class Message(RunInput):
    text: str
    number: float = 1.0


@flow
async def answering():
    flow_run_id = get_run_context().flow_run.id
    await send_input("hello", flow_run_id=flow_run_id)
    await send_input("again", flow_run_id=flow_run_id)
    texts = []
    async for text in receive_input(str, flow_run_id=flow_run_id, timeout=10, poll_interval=0.1):
        texts.append(text)
        if len(texts) == 2:
            break
    note("texts", sorted(texts))
    await send_input(Message(text="typed", number=2.5), flow_run_id=flow_run_id)
    async for message in Message.receive(flow_run_id=flow_run_id, timeout=10, poll_interval=0.1):
        note("typed", [message.text, message.number])
        break
    nothing = []
    async for number in receive_input(int, flow_run_id=flow_run_id, timeout=0.5, poll_interval=0.1):
        nothing.append(number)
    note("nothing came", nothing)
    await over_client(flow_run_id)


async def over_client(flow_run_id):
    async with get_client() as client:
        await client.create_flow_run_input(flow_run_id=flow_run_id, key="own-key", value='{"a": 1.0, "ü": "☃"}', sender="somebody")
        note("read", await client.read_flow_run_input(flow_run_id=flow_run_id, key="own-key"))
        found = await client.filter_flow_run_input(flow_run_id=flow_run_id, key_prefix="own", limit=5, exclude_keys=set())
        note("found", [[entry.key, entry.value, entry.sender] for entry in found])
        note("excluded", await client.filter_flow_run_input(flow_run_id=flow_run_id, key_prefix="own", limit=5, exclude_keys={"own-key"}))
        path = f"/flow_runs/{flow_run_id}/input"
        raw = request(f"{path}/own-key")
        note("raw", [raw.status_code, raw.headers["content-type"], raw.text])
        note("the same key again", request(path, {"key": "own-key", "value": "x", "sender": None}).status_code)
        await client.delete_flow_run_input(flow_run_id=flow_run_id, key="own-key")
        note("after", [request(f"{path}/own-key").status_code, request(f"{path}/own-key", method="DELETE").status_code])


if __name__ == "__main__":
    asyncio.run(answering())
    report()
