"""Reads the metrics of a deployment with Prometheus' own parser of OpenMetrics, which throws at what is none."""

import os
from urllib.request import Request, urlopen

from prometheus_client.openmetrics.parser import text_string_to_metric_families

url = os.environ["HOOKLINE_URL"] + "/v1/metrics"
token = os.environ["HOOKLINE_TOKEN"]
with urlopen(Request(url, headers={"authorization": f"Bearer {token}"})) as answer:
    assert answer.headers["content-type"].startswith("application/openmetrics-text"), answer.headers
    text = answer.read().decode()

families = {family.name: family for family in text_string_to_metric_families(text)}
types = {name: family.type for name, family in families.items()}
assert types["hookline_events"] == "counter", types
assert types["hookline_attempt_duration_seconds"] == "histogram", types
assert types["hookline_webhooks"] == "gauge", types
for family in families.values():
    assert family.documentation, family.name
    for sample in family.samples:
        # None names a tenant or a webhook.
        assert set(sample.labels) <= {"outcome", "le", "status", "component", "queue", "state", "kind"}, sample
