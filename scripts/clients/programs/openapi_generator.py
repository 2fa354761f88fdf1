"""Creates README's webhook and publishes README's event with the Python client of openapi-generator."""

import json
import os

from openapi_client import ApiClient, Configuration, CreateWebhook, EventInput, EventsInput
from openapi_client.api import EventsApi, WebhooksApi

configuration = Configuration(
    host=os.environ["HOOKLINE_URL"],
    access_token=os.environ["HOOKLINE_TOKEN"],
)

with ApiClient(configuration) as client:
    webhook = WebhooksApi(client).create_webhook(CreateWebhook(**json.loads(os.environ["WEBHOOK"])))
    event = EventInput(**json.loads(os.environ["EVENT"]))
    accepted = EventsApi(client).publish_events(EventsInput(event))

print(json.dumps({"webhook": str(webhook.id), "event": str(accepted.events[0].id)}))
