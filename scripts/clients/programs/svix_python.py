"""Creates README's webhook and publishes README's event with Svix's own library for Python, as it is."""

import json
import os
import uuid

from svix.api import EndpointIn, MessageIn, Svix, SvixOptions

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def to_uuid(shown: str) -> str:
    value = 0
    for digit in shown.split("_")[1]:
        value = value * len(DIGITS) + DIGITS.index(digit)
    return str(uuid.UUID(int=value))


svix = Svix(os.environ["HOOKLINE_TOKEN"], SvixOptions(server_url=os.environ["HOOKLINE_URL"]))
app = os.environ["HOOKLINE_TENANT"]
webhook = json.loads(os.environ["WEBHOOK"])
event = json.loads(os.environ["EVENT"])

endpoint = svix.endpoint.create(
    app, EndpointIn(url=webhook["url"], event_types=webhook["eventTypes"])
)
message = svix.message.create(app, MessageIn(event_type=event["type"], payload=event["data"]))
assert svix.endpoint.get(app, endpoint.id).url == webhook["url"]
assert [one.id for one in svix.endpoint.list(app).data].count(endpoint.id) == 1
assert svix.endpoint.get_secret(app, endpoint.id).key.startswith("whsec_")
assert svix.message.get(app, message.id).event_type == event["type"]
assert message.id in [one.id for one in svix.message.list(app).data]
svix.message_attempt.list_by_endpoint(app, endpoint.id)
svix.message_attempt.list_attempted_destinations(app, message.id)

print(json.dumps({"webhook": to_uuid(endpoint.id), "event": to_uuid(message.id)}))
