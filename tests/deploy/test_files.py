"""The shipped files are understood by the programs they are for, and hold what docs/operating.md promises.

No image is built here: that needs a container engine. What an image would hold is checked from its files instead.
"""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from tests.deploy import edges
from tests.deploy.edges import DEPLOY, Certificate
from tests.support.server import ROOT, Server

UNITS = ["signet.service", "signet-worker.service"]


def done(*command: str, **env: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env or None)


def need(program: str) -> None:
    if not edges.is_installed(program):
        pytest.skip(f"{program} is not installed")


def test_nginx_accepts_its_file(tmp_path: Path) -> None:
    need("nginx")
    certificate = edges.make_certificate(tmp_path)
    main = edges.write_nginx(tmp_path, 8000, certificate, 8443, 8080)
    result = done("nginx", "-t", "-q", "-p", str(tmp_path), "-e", str(tmp_path / "error.log"), "-c", str(main))
    assert result.returncode == 0, result.stderr
    assert "[warn]" not in result.stderr


@pytest.fixture
def caddy_files(tmp_path: Path) -> tuple[Path, dict[str, str], Certificate]:
    need("caddy")
    certificate = edges.make_certificate(tmp_path)
    return edges.write_caddy(tmp_path, certificate), edges.caddy_environment(tmp_path, 8000, 8443), certificate


def test_caddy_accepts_its_file(caddy_files: tuple[Path, dict[str, str], Certificate]) -> None:
    file, env, _ = caddy_files
    result = done("caddy", "validate", "--config", str(file), "--adapter", "caddyfile", **env)
    assert result.returncode == 0, result.stderr


def test_caddy_would_not_format_its_file_differently() -> None:
    need("caddy")
    assert done("caddy", "fmt", str(DEPLOY / "Caddyfile")).stdout == (DEPLOY / "Caddyfile").read_text()


def unit(name: str, folder: Path) -> Path:
    """With our paths in place of /opt/signet's."""
    text = (DEPLOY / "systemd" / name).read_text().replace("/opt/signet/.venv/bin/python", sys.executable)
    file = folder / name
    file.write_text(text.replace("/opt/signet", str(ROOT)))
    return file


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    need("systemd-analyze")
    result = done("systemd-analyze", "verify", *(str(unit(name, tmp_path)) for name in UNITS))
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_exposes_little(name: str, tmp_path: Path) -> None:
    need("systemd-analyze")
    result = done("systemd-analyze", "security", "--offline=true", "--no-pager", str(unit(name, tmp_path)))
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", result.stdout)
    assert found, result.stderr
    assert float(found[1]) <= 2.0


@pytest.mark.parametrize("name", UNITS)
def test_units_name_files_that_are_there(name: str) -> None:
    text = (DEPLOY / "systemd" / name).read_text()
    assert re.findall(r"^ExecStart\w*=/opt/signet/\.venv/bin/python manage\.py (\w+)", text, re.MULTILINE)
    assert [path for path in re.findall(r"/opt/signet/(docs/\S+)", text) if not (ROOT / path).exists()] == []


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text()))


def test_compose_has_its_services_networks_and_secrets() -> None:
    file = compose()
    services = file["services"]
    assert set(services) == {"database", "setup", "web", "worker", "proxy"}
    for service in services.values():
        assert set(service.get("networks", [])) <= set(file["networks"])
        assert set(service.get("secrets", [])) <= set(file["secrets"])
        assert set(service.get("depends_on", [])) <= set(services)


@pytest.mark.parametrize("name", ["setup", "web", "worker"])
def test_Y05_our_containers_may_do_little(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in service


def test_only_the_proxy_is_reached_from_outside_and_only_it_is_trusted() -> None:
    file = compose()
    services = file["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert services["web"]["environment"]["TRUSTED_PROXIES"] == f"{services['proxy']['networks']['edge']['ipv4_address']}/32"
    assert file["networks"]["inside"] == {"internal": True}
    # In another network that both are in, it would come from another address.
    assert set(services["web"]["networks"]) & set(services["proxy"]["networks"]) == {"edge"}


@pytest.mark.parametrize("name", ["web", "worker"])
def test_containers_reach_other_issuers_and_the_mail_server(name: str) -> None:
    file = compose()
    outward = [network for network in file["services"][name]["networks"] if not (file["networks"][network] or {}).get("internal")]
    assert outward == ["outgoing"]


@pytest.mark.parametrize("name", ["setup", "web", "worker"])
def test_containers_take_more_settings_from_a_file_that_stays_here(name: str) -> None:
    assert compose()["services"][name]["env_file"] == ["./settings.env"]
    assert "settings.env" in (DEPLOY / ".gitignore").read_text().splitlines()


def understood(command: str, *options: str) -> bool:
    """By manage.py; argparse ends the run over what it does not know."""
    loaded = load_command_class(get_commands()[command], command)
    return bool(loaded.create_parser("manage.py", command).parse_args(options))


@pytest.mark.parametrize("name", ["setup", "web", "worker"])
def test_containers_run_commands_of_manage(name: str) -> None:
    assert understood(*compose()["services"][name]["command"])


def test_settings_of_the_containers_are_settings() -> None:
    from_settings = re.findall(r"^\| `([A-Z0-9_]+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    given = compose()["services"]["web"]["environment"]
    assert {name.removesuffix("_FILE") for name in given} <= set(from_settings)


def dockerfile() -> list[str]:
    """Its instructions, each on one line."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE)
    return [line for line in re.sub(r"\s*\\\n\s*", " ", text).splitlines() if line]


def test_Y05_the_image_runs_unprivileged_and_tells_its_health() -> None:
    final = dockerfile()[[index for index, line in enumerate(dockerfile()) if line.startswith("FROM")][-1] :]
    assert [line for line in final if line.startswith("USER")] == ["USER 10001"]
    assert final.index("USER 10001") > final.index("COPY --from=build /opt/signet /opt/signet")
    assert any(line.startswith("HEALTHCHECK") for line in final)
    assert not [line for line in final if re.match(r"(ENV|ARG).*(SECRET|PASSWORD|ENCRYPTION)", line)]


def test_Y05_no_shell_stands_between_the_image_and_its_command() -> None:
    (entry,) = [line for line in dockerfile() if line.startswith("ENTRYPOINT")]
    (command,) = [line for line in dockerfile() if line.startswith("CMD")]
    assert json.loads(entry.removeprefix("ENTRYPOINT")) == ["python", "manage.py"]
    assert understood(*json.loads(command.removeprefix("CMD")))


def test_Y02_the_image_installs_hashed_wheels_only() -> None:
    (installing,) = [line for line in dockerfile() if "pip install" in line]
    assert "--require-hashes" in installing
    assert "--only-binary :all:" in installing


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    copied = [word for line in dockerfile() if line.startswith("COPY") and "--from" not in line for word in line.split()[1:-1]]
    kept = {line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")}
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert set(copied) == kept


def test_Y07_no_secret_gets_into_the_image_or_the_history() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert next(line for line in ignored if not line.startswith("#")) == "*"
    assert "secrets/" in (DEPLOY / ".gitignore").read_text().splitlines()


def test_secrets_are_made_once(tmp_path: Path) -> None:
    script = tmp_path / "make-secrets"
    script.write_text((DEPLOY / "make-secrets").read_text())
    made = [read_secrets(script) for _ in range(2)]
    assert made[0] == made[1]
    assert len(base64.urlsafe_b64decode(made[0]["encryption_keys"])) == 32
    assert len(made[0]["secret_key"]) >= 50
    assert made[0]["database_password"] in made[0]["database_url"]
    assert set(made[0]) == set(compose()["secrets"])
    assert (tmp_path / "settings.env").stat().st_mode & 0o077 == 0


def read_secrets(script: Path) -> dict[str, str]:
    result = done("sh", str(script))
    assert result.returncode == 0, result.stderr
    return {file.name: file.read_text() for file in (script.parent / "secrets").iterdir()}


@pytest.mark.processes
def test_healthcheck_follows_readiness(application: Server) -> None:
    def probe() -> int:
        env = {**application.env, "PORT": str(application.port)}
        return done(sys.executable, str(DEPLOY / "healthcheck.py"), **env).returncode

    assert probe() == 0
    assert done(sys.executable, str(DEPLOY / "healthcheck.py"), PORT="1").returncode == 1
