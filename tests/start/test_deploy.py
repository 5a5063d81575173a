"""What lies in `deploy/` is what it says: units that may do little, settings that there are."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = ["portal.service", "portal-worker.service"]
ANALYZE = shutil.which("systemd-analyze")
# Of ten; hundreds as the program has it.
MOST = "20"


@pytest.mark.skipif(ANALYZE is None, reason="systemd is not installed")
@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_may_do_little(unit: str) -> None:
    command = [str(ANALYZE), "security", "--offline=true", f"--threshold={MOST}"]
    done = subprocess.run(  # noqa: S603 - ours
        [*command, str(DEPLOY / "systemd" / unit)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]


def test_both_units_may_do_the_same() -> None:
    """But for one thing: the backup makes itself modest."""
    web, worker = (
        {
            line
            for line in (DEPLOY / "systemd" / unit)
            .read_text()
            .partition("ReadWritePaths")[2]
            .splitlines()
            if line and not line.startswith("#")
        }
        for unit in UNITS
    )
    assert web ^ worker == {
        "SystemCallFilter=~@privileged @resources",
        "SystemCallFilter=~@privileged",
    }


def test_every_variable_of_the_example_is_one_that_is_read() -> None:
    named = re.findall(r"^(?:# )?([A-Z0-9_]+)=", (DEPLOY / "portal.env.example").read_text(), re.M)
    read = (ROOT / "portal/settings.py").read_text() + (ROOT / "portal/keyfile.py").read_text()
    assert named
    assert [name for name in named if f'"{name}"' not in read] == []


def test_the_image_runs_as_nobody_and_holds_what_the_site_needs() -> None:
    image = (DEPLOY / "Containerfile").read_text()
    assert "--require-hashes -r deploy/requirements.txt" in image
    assert re.search(r"^USER \d{4,}$", image, re.M)
    let_in = (DEPLOY / "Containerfile.dockerignore").read_text()
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", image, re.M):
        for path in source.split():
            assert (ROOT / path).exists(), path
            assert f"!{path}\n" in let_in, path


def test_commands_run_as_the_units_do(tmp_path: Path) -> None:
    """As root and without the settings of the site, they would be of another site."""
    shown = tmp_path / "systemd-run"
    shown.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    shown.chmod(0o755)
    done = subprocess.run(  # noqa: S603 - ours
        [DEPLOY / "bin/portal", "copy_to", "postgres://portal:ge$heim@db/a b"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    said = done.stdout.splitlines()
    # As systemd takes it: $heim would be a value of the environment.
    assert said[-2:] == ["copy_to", "postgres://portal:ge$$heim@db/a b"]
    assert "--description=portal copy_to" in said, "and nothing more, as the journal has it"
    unit = (DEPLOY / "systemd/portal.service").read_text()
    values = dict(line.split("=", 1) for line in unit.splitlines() if re.match(r"\w+=", line))
    assert f"--uid={values['User']}" in said
    assert f"--working-directory={values['WorkingDirectory']}" in said
    for name in ("EnvironmentFile", "UMask"):
        assert f"--property={name}={values[name]}" in said
    assert values["ExecStart"].startswith(" ".join(said[-4:-2]))


def test_a_copy_of_nginx_is_for_who_takes_its_encoding() -> None:
    conf = (DEPLOY / "nginx/portal.conf").read_text()
    keys = re.findall(r"^ *proxy_cache_key (.+);$", conf, re.M)
    assert len(keys) == 2
    assert all(key.endswith(":$portal_encoding") for key in keys)
    assert conf.count("proxy_set_header Accept-Encoding $portal_encoding;") == len(keys)
