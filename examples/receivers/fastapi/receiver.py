# A receiver with FastAPI, Python 3.9 or newer; nothing but the standard library verifies.
#   pip install fastapi uvicorn
#   HOOKLINE_SECRET=whsec_… uvicorn receiver:app --port 4000

import base64
import hashlib
import hmac
import os
import time

from fastapi import FastAPI, Request, Response

KEY = base64.b64decode(os.environ["HOOKLINE_SECRET"].removeprefix("whsec_"))
TOLERANCE_SECONDS = 300
# Instead of this, a table with a unique column: it outlives the process.
seen = set()
app = FastAPI()


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


@app.post("/{path:path}")
async def receive(request: Request) -> Response:
    # The bytes, not request.json(): JSON that was parsed and written again may differ.
    body = await request.body()
    if not is_genuine(request.headers, body):
        return Response(status_code=401)
    event_id = request.headers["webhook-id"]
    if event_id not in seen:
        # Store the event before the answer; work on it afterwards.
        seen.add(event_id)
        print(event_id, body.decode(errors="replace"), flush=True)
    return Response(status_code=204)
