"""The proxy's configuration, run by the nginx that is here, before a server of ours."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx2
import pytest

from tests.containers import files
from tests.server_process import ServerProcess
from tests.servers.process import free_port, wait_until

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
# What an older nginx has not, and what only a network of containers has. The rest is used as it is.
NEWER = (r"zone web 64k;", r"resolver [^;]*;", r"http2 on;")


def untrusting() -> ssl.SSLContext:
    """Takes any certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Proxy:
    """nginx on free ports, and the server behind it."""

    def __init__(self, folder: Path, server: ServerProcess) -> None:
        self.server, self.port = server, free_port()
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        made = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout"
        subprocess.run([*made.split(), key, "-out", certificate], check=True, capture_output=True)
        text = (files.ROOT / "deploy/nginx/nginx.conf").read_text()
        for there in NEWER:
            text, times = re.subn(there, "", text)
            assert times == 1
        text = text.replace("/tmp/", f"{folder}/")
        text = text.replace("server web:8000 resolve", f"server {server.host}:{server.port}")
        text = text.replace("/run/secrets/tls_certificate", str(certificate))
        text = text.replace("/run/secrets/tls_key", str(key))
        text = text.replace("listen 8443", f"listen 127.0.0.1:{self.port}")
        text = text.replace("listen 8080", f"listen 127.0.0.1:{free_port()}")
        configuration = folder / "nginx.conf"
        # Root's nginx would work as nobody, whom the folder is closed to.
        configuration.write_text(text if os.geteuid() else "user root;\n" + text)
        self.process = subprocess.Popen([NGINX, "-c", configuration, "-g", "daemon off;"])

    def client(self, **headers: str) -> httpx2.Client:
        """With the local key."""
        headers = {"X-API-KEY": self.server.key, **headers}
        return httpx2.Client(
            base_url=f"https://127.0.0.1:{self.port}", headers=headers, verify=untrusting(), timeout=30
        )

    def raw(self, head: bytes) -> bytes:
        """What is answered to these bytes, until the connection closes."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        with untrusting().wrap_socket(plain) as connection:
            connection.sendall(head)
            return b"".join(iter(partial(connection.recv, 65_536), b""))

    def answers(self) -> bool:
        """Whether it is there."""
        try:
            with self.client() as client:
                return client.get("/health/live").status_code == 200
        except httpx2.TransportError:
            return False


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    if NGINX is None:
        pytest.skip("there is no nginx here")
    folder = tmp_path_factory.mktemp("proxy")
    server = ServerProcess(folder / "home", STASH_TRUSTED_PROXIES="127.0.0.1").start()
    proxy = Proxy(folder, server)
    try:
        wait_until(proxy.answers, seconds=20)
        yield proxy
    finally:
        proxy.process.terminate()
        proxy.process.wait()
        server.stop()


def test_it_hands_on_what_came_and_what_was_answered(proxy: Proxy) -> None:
    with proxy.client() as client:
        kept = client.put("/stash/a%2Fb%20%C3%A9", json={"data": "x" * 900_000})
        assert (kept.status_code, kept.json()["memory_id"]) == (201, "a/b é")
        again = client.get("/recall/a%2Fb%20%C3%A9")
        assert again.json()["data"] == "x" * 900_000
        assert again.headers["ETag"] == kept.headers["ETag"]
        assert again.headers["Cache-Control"] == "private, no-cache"
        asked = client.get("/recall/a%2Fb%20%C3%A9", headers={"X-Request-ID": "ours"})
        assert asked.headers["X-Request-ID"] == "ours"


def test_a_slow_client_holds_nothing_of_the_service(proxy: Proxy) -> None:
    """Its body is with the proxy until it is whole: the service has the request for a moment alone."""

    def slowly() -> Iterator[bytes]:
        for piece in (b'{"data": ', b'"slow', b'ly"', b"}"):
            yield piece
            time.sleep(0.7)

    began = time.monotonic()
    with proxy.client() as client:
        answer = client.post("/stash", content=slowly(), headers={"X-Request-ID": "slow"})
    assert answer.status_code == 201
    assert time.monotonic() - began > 2

    wait_until(lambda: any(line.get("request_id") == "slow" for line in proxy.server.lines))
    [line] = [line for line in proxy.server.lines if line.get("request_id") == "slow"]
    assert line["duration_ms"] < 1_000


def test_what_it_refuses_itself_is_told_as_the_service_tells_it(proxy: Proxy) -> None:
    with proxy.client() as client:
        refused = client.get("/metrics")
        assert (refused.status_code, refused.json()["code"]) == (404, "path_not_found")
    # Judged by what the head declares: nothing of the body is sent.
    refused = proxy.raw(b"POST /stash HTTP/1.1\r\nHost: localhost\r\nContent-Length: 600000000\r\n\r\n")
    assert refused.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"payload_too_large"' in refused
    garbage = proxy.raw(b"GARBAGE\r\n\r\n")
    assert garbage.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"invalid_request"' in garbage

    proxy.server.stop()
    with proxy.client() as client:
        away = client.get("/recall/x")
        assert (away.status_code, away.json()["code"]) == (503, "store_unavailable")
        assert away.headers["Retry-After"] == "2"
    proxy.server.restart()
