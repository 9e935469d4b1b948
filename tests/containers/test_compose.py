"""What the compose files name is what there is: commands, ports, variables, paths, hosts, secrets."""

import ipaddress
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from stash_memory.cli import command_line
from tests.containers import files
from tests.server_process import clean_environment
from tests.servers.redis_server import RedisServer

HOSTED = "docker-compose.hosted.yml"
SECRETS = {
    "secret_key": "a secret of these tests alone, and long enough to be one: 0123456789",
    "database_url": "postgres://stash:password@postgres:5432/stash",
    "metrics_token": "a token of these tests alone: 0123456789",
}
STASH = [pytest.param(file, service, id=f"{file}:{name}") for file, name, service in files.stash_services()]


@pytest.mark.parametrize(("file", "service"), STASH)
def test_the_settings_take_its_variables_and_know_each(
    file: str, service: dict[str, Any], tmp_path: Path
) -> None:
    """With secrets as files, which is how they come; nothing is connected to."""
    for name, value in SECRETS.items():
        (tmp_path / name).write_text(value)
    given = {
        name: re.sub(r"\$\{ALLOWED_HOSTS.*\}", "stash.example", str(value))
        .replace("${STASH_WORKERS:-4}", "4")
        .replace("/run/secrets", str(tmp_path))
        for name, value in service["environment"].items()
    }
    readers = ("stash_memory/config.py", "stash_site/settings.py", "stash_site/pools.py")
    code = "".join((files.ROOT / reader).read_text() for reader in readers)
    unread = [
        name for name in given if f'"{name.removesuffix("_FILE")}"' not in code and "REDIS_URL_" not in name
    ]

    done = subprocess.run(
        [sys.executable, "-m", "stash_memory", "manage", "check", "--fail-level", "WARNING"],
        env=clean_environment(STASH_HOME=str(tmp_path / "home"), **given),
        capture_output=True,
        text=True,
        check=False,
    )

    assert unread == []
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("file", "service"), STASH)
def test_its_commands_are_the_command_lines(file: str, service: dict[str, Any]) -> None:
    command = service.get("command", "serve").split()
    assert command_line.parse(command).run
    if "healthcheck" in service:
        shell, program, *arguments = service["healthcheck"]["test"]
        assert (shell, program) == ("CMD", "stash")
        assert command_line.parse(arguments).part == command[0]


@pytest.mark.parametrize("file", files.COMPOSE_FILES)
def test_whatever_is_named_is_there(file: str) -> None:
    document, services = files.compose(file), files.services(file)
    for service in services.values():
        assert set(service.get("depends_on", {})) <= services.keys()
        assert set(service.get("secrets", [])) <= document.get("secrets", {}).keys()
        assert set(service.get("networks", [])) <= document.get("networks", {}).keys()
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (
                (files.ROOT / source).is_file() if source.startswith(".") else source in document["volumes"]
            )
        assert {"restart", "mem_limit", "image"} <= service.keys()
        assert "healthcheck" in service or service["image"] == "stashmemory/stash"
        for name, value in service.get("environment", {}).items():
            if name.startswith("REDIS_URL"):
                assert urlsplit(value).hostname in services
            if name.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]


@pytest.mark.parametrize(
    ("file", "name", "flags"),
    [pytest.param(*redis, id=":".join(redis[:2])) for redis in files.redis_services()],
)
def test_a_redis_starts_with_its_flags_and_never_evicts(
    file: str, name: str, flags: list[str], tmp_path: Path
) -> None:
    binary = RedisServer.binary()
    assert binary is not None
    # It says what it makes of its flags, and ends, since it may listen nowhere.
    done = subprocess.run(
        [binary, *flags, "--port", "0", "--dir", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )

    assert "FATAL CONFIG" not in done.stdout + done.stderr
    assert "Configured to not listen anywhere" in done.stdout
    assert flags[flags.index("--maxmemory-policy") + 1] == "noeviction"
    assert bytes_of(flags[flags.index("--maxmemory") + 1]) < bytes_of(files.services(file)[name]["mem_limit"])


def test_each_pool_persists_as_its_tier_promises() -> None:
    flags = {name: flags for file, name, flags in files.redis_services() if file == HOSTED}
    volumes = {name: "volumes" in files.services(HOSTED)[name] for name in flags}

    for name in ("redis", "pool-free"):
        assert flags[name][:4] == ["--save", "", "--appendonly", "no"]
        assert not volumes[name]
    assert flags["pool-pro"][:2] == ["--save", "60"]
    assert volumes["pool-pro"]
    for name in ("pool-enterprise", "pool-enterprise-replica"):
        assert flags[name][:2] == ["--appendonly", "yes"]
        assert volumes[name]
    assert flags["pool-enterprise-replica"][-3:] == ["--replicaof", "pool-enterprise", "6379"]
    watched = re.search(
        r"^sentinel monitor (\S+) (\S+) (\d+) 1$",
        (files.ROOT / "deploy/redis/sentinel.conf").read_text(),
        re.MULTILINE,
    )
    assert watched is not None
    url = urlsplit(files.services(HOSTED)["web"]["environment"]["REDIS_URL_ENTERPRISE"])
    assert url.path.strip("/") == watched[1]
    assert watched[2] in flags


def test_the_proxy_is_before_the_web_and_alone_believed() -> None:
    configuration = (files.ROOT / "deploy/nginx/nginx.conf").read_text()
    services, document = files.services(HOSTED), files.compose(HOSTED)
    address = services["proxy"]["networks"]["edge"]["ipv4_address"]
    [subnet] = document["networks"]["edge"]["ipam"]["config"]

    assert f"server web:{files.image_environment()['STASH_PORT']} " in configuration
    assert ipaddress.ip_address(address) in ipaddress.ip_network(subnet["subnet"])
    assert services["web"]["environment"]["STASH_TRUSTED_PROXIES"] == address
    assert set(re.findall(r"/run/secrets/(\w+);", configuration)) == set(services["proxy"]["secrets"])
    assert {port.split(":")[1] for port in services["proxy"]["ports"]} == set(
        re.findall(r"listen (\d+)", configuration)
    )
    # 500 MB and its envelope pass; the service says what is too large.
    assert int(re.search(r"client_max_body_size (\d+)m", configuration)[1]) << 20 >= 524_288_000 + 4_096  # type: ignore[index]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]


def bytes_of(size: str) -> int:
    """`512mb`, `4g`."""
    number, unit = re.fullmatch(r"(\d+)([mg])b?", size).groups()  # type: ignore[union-attr]
    return int(number) << {"m": 20, "g": 30}[unit]
