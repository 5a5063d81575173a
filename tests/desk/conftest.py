"""The browsers of the cast, signed in."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from portal.cms.accounts import User
from tests import cast


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor() -> Client:
    """小林's browser."""
    return browser_of(cast.xiaolin())


@pytest.fixture
def chief() -> Client:
    """老周's browser."""
    return browser_of(cast.laozhou())


@pytest.fixture
def staff() -> Client:
    """阿敏's browser."""
    return browser_of(cast.amin())


@pytest.fixture
def owner() -> Client:
    """老陈's browser."""
    return browser_of(cast.laochen())


@pytest.fixture
def trainee() -> Client:
    """The browser of 实习生小吴, who writes articles and publishes none."""
    user = User.objects.create_user("xiaowu", name="小吴", is_staff=True)
    rights = ["add_article", "change_article", "view_article"]
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return browser_of(user)
