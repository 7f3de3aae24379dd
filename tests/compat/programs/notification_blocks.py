"""Saves each kind of notification block with its own class; what reaches this machine is also sent by the client."""

import sys

from prefect.blocks import notifications as kinds

port = int(sys.argv[1])
here = f"127.0.0.1:{port}"
TEAMS = (
    "https://prod-1.westeurope.logic.azure.com:443/workflows/WFID/triggers/manual/paths/invoke"
    "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=SIGNATURE"
)

BLOCKS = {
    "slack": kinds.SlackWebhook(url=f"json://{here}/by-apprise"),
    "slack-hook": kinds.SlackWebhook(url=f"http://{here}/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"),
    "teams": kinds.MicrosoftTeamsWebhook(url=TEAMS),
    "pager": kinds.PagerDutyWebHook(integration_key="ik", api_key="ak", group="g", custom_details={"a": "b"}),
    "twilio": kinds.TwilioSMS(
        account_sid="AC" + "a" * 32,
        auth_token="b" * 32,
        from_phone_number="+15555550100",
        to_phone_numbers=["+15555550101", "+15555550102"],
    ),
    "opsgenie": kinds.OpsgenieWebhook(apikey="k" * 36, target_user=["ann"], tags=["x"], priority=1),
    "mattermost": kinds.MattermostWebhook(
        hostname="127.0.0.1", token="token", channels=["c1"], path="/p", port=port, botname="bot"
    ),
    "discord": kinds.DiscordWebhook(webhook_id="1234567", webhook_token="abc-def", botname="bot"),
    "sendgrid": kinds.SendgridEmail(api_key="SG-abc", sender_email="a@x.example", to_emails=["b@x.example"]),
    "custom": kinds.CustomWebhookNotificationBlock(
        name="own",
        url=f"http://{here}/custom",
        json_data={"text": "{{subject}}: {{body}}", "key": "{{token}}"},
        secrets={"token": "hush-hush"},
    ),
}

for name, block in BLOCKS.items():
    block.save(name, overwrite=True)
    assert type(block).load(name) == block, name

# By the client, where its services can stand on this machine.
for name in ("slack", "mattermost", "custom"):
    BLOCKS[name].notify("Body *line* & <a>", "Subject")

# Kinds that Prefect lacks have no class there: they are made and read by the client, as documents.
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import BlockDocumentCreate

with get_client(sync_client=True) as client:
    for slug, data in {
        "ntfy": {"server": f"http://{here}", "topic": "sales", "password": "hush-hush", "username": "ann"},
        "signed-webhook": {"url": f"http://{here}/signed", "secret": "a secret of sixteen bytes"},
    }.items():
        block_type = client.read_block_type_by_slug(slug)
        schema = client.get_most_recent_block_schema_for_block_type(block_type.id)
        client.create_block_document(
            BlockDocumentCreate(name=slug, data=data, block_type_id=block_type.id, block_schema_id=schema.id)
        )
        kept = client.read_block_document_by_name(slug, slug, include_secrets=True)
        assert kept.data == data, kept.data
