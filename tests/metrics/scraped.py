"""A server's metrics, as Prometheus reads them."""

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from tests.server_process import ServerProcess

TOKEN = "a token of these tests alone"


class Scraped:
    """Asks the server anew for each number."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server

    def answer(self, token: str = TOKEN) -> httpx2.Response:
        """With this token."""
        return httpx2.get(
            f"{self.server.url}/metrics", headers={"Authorization": f"Bearer {token}"}, timeout=30
        )

    @property
    def text(self) -> str:
        """All of it."""
        answer = self.answer()
        assert answer.status_code == 200
        return answer.text

    def sum(self, name: str, **labels: str) -> float:
        """Of the samples with this name and these labels."""
        return sum(
            sample.value
            for family in text_string_to_metric_families(self.text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def names(self) -> set[str]:
        """Of all samples that there are or may be."""
        suffixes = {
            "counter": ("_total",),
            "histogram": ("_bucket", "_count", "_sum"),
            "gauge": ("",),
        }
        return {
            family.name + suffix
            for family in text_string_to_metric_families(self.text)
            for suffix in suffixes[family.type]
        }
