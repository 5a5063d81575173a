"""What the site is made of: locked by hash, listed with its licence, and the list is that of the locks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.utils import canonicalize_name

from portal.components import components, licences
from tests.audit.licences import ALLOWED, LIST

ROOT = Path(__file__).resolve().parents[2]
LOCKED = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)(?:\s*;\s*([^\\]+))?", re.MULTILINE)


def locked(file: str) -> dict[str, str]:
    """Return what a lock installs on this machine, by name."""
    found = LOCKED.findall((ROOT / file).read_text(encoding="utf-8"))
    return {
        canonicalize_name(name): version
        for name, version, marker in found
        if not marker or Marker(marker.strip()).evaluate()
    }


@pytest.mark.parametrize(
    "file",
    ["requirements.txt", "deploy/requirements.txt", "requirements-dev.txt", "tests/audit/sbom.txt"],
)
def test_every_package_is_locked_by_its_hash(file: str) -> None:
    for package in re.split(r"\n(?=[a-z])", (ROOT / file).read_text(encoding="utf-8"))[1:]:
        assert "--hash=sha256:" in package, package.splitlines()[0]


def test_a_server_installs_what_is_tested() -> None:
    ours, servers, tested = map(
        locked, ("requirements.txt", "deploy/requirements.txt", "requirements-dev.txt")
    )
    assert ours.items() <= servers.items() <= tested.items()


def test_the_list_of_what_the_site_is_made_of_is_up_to_date() -> None:
    """Else: `make sbom`."""
    listed = {canonicalize_name(each["name"]): each["version"] for each in components()}
    assert listed == locked("deploy/requirements.txt")


@pytest.mark.parametrize("component", components(), ids=lambda each: str(each["name"]))
def test_each_is_under_a_licence_that_lets_the_owner_use_it(component: dict[str, object]) -> None:
    found = licences(component)
    assert found, "no licence"
    assert set(found) <= ALLOWED
    row = f"| {component['name']} | {component['version']} | {'、'.join(found)} |"
    assert row in LIST.read_text(encoding="utf-8")
