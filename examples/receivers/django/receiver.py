# A receiver with Django 4.2 or newer: a whole project in one file; a project of yours takes is_genuine and receive.
#   pip install django
#   HOOKLINE_SECRET=whsec_… python receiver.py runserver 4000

import base64
import hashlib
import hmac
import os
import sys
import time

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

KEY = base64.b64decode(os.environ["HOOKLINE_SECRET"].removeprefix("whsec_"))
TOLERANCE_SECONDS = 300
# Instead of this, a table with a unique column: it outlives the process, and several share it.
seen = set()


def is_genuine(headers, body: bytes) -> bool:
    event_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not event_id or not (timestamp.isascii() and timestamp.isdigit()):
        return False
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    signed = f"{event_id}.{timestamp}.".encode() + body
    right = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest())
    return any(
        entry.startswith("v1,") and hmac.compare_digest(entry[3:].encode(), right)
        for entry in headers.get("webhook-signature", "").split(" ")
    )


# No form of a page of yours: the signature says whom it is from.
@csrf_exempt
@require_POST
def receive(request):
    # The bytes, not json.loads of them: JSON that was parsed and written again may differ.
    if not is_genuine(request.headers, request.body):
        return HttpResponse(status=401)
    event_id = request.headers["webhook-id"]
    if event_id not in seen:
        # Store the event before the answer; work on it afterwards.
        seen.add(event_id)
        print(event_id, request.body.decode(errors="replace"), flush=True)
    return HttpResponse(status=204)


urlpatterns = [re_path("", receive)]

if __name__ == "__main__":
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=[], SECRET_KEY="unused")
    execute_from_command_line(sys.argv)
