"""Creates README's webhook and publishes README's event with the client of openapi-python-client."""

import json
import os

from hookline import AuthenticatedClient
from hookline.api.events import publish_events
from hookline.api.webhooks import create_webhook
from hookline.models import AcceptedEvents, CreatedWebhook, CreateWebhook, EventInput

client = AuthenticatedClient(os.environ["HOOKLINE_URL"], os.environ["HOOKLINE_TOKEN"])

webhook = create_webhook.sync(
    client=client,
    body=CreateWebhook.from_dict(json.loads(os.environ["WEBHOOK"])),
)
if not isinstance(webhook, CreatedWebhook):
    raise SystemExit(f"No webhook: {webhook}")

accepted = publish_events.sync(
    client=client,
    body=EventInput.from_dict(json.loads(os.environ["EVENT"])),
)
if not isinstance(accepted, AcceptedEvents):
    raise SystemExit(f"Not published: {accepted}")

print(json.dumps({"webhook": str(webhook.id), "event": str(accepted.events[0].id)}))
