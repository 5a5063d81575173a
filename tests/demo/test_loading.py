"""Loading the demo content into an empty site, and taking it out again."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from articles.models import Article, Category
from portal.cms.accounts import User
from portal.cms.delivery.models import Delivery, DeliveryTarget
from portal.cms.media.models import MediaFile
from portal.cms.search.models import Synonyms
from portal.cms.site import SiteLink, SiteProfile
from portal.demo import loading
from portal.demo.models import DemoItem
from portal.districts.models import DistrictPage
from staffing.models import Case, ContributionRate, Hotline, Job, Service
from staffing.services.related import pages
from tests import cast, crawl

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("without_sizes_of_pictures")  # `make soak` draws them all
def test_in_read_and_out_again(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    built_in = list(SiteLink.objects.all())
    call_command("load_demo")
    assert "文章 34" in capsys.readouterr().out
    assert Service.objects.published().count() == 9
    assert Job.objects.open().count() == 28
    assert Case.objects.published().count() == 4
    assert set(DistrictPage.objects.live()) == set(DistrictPage.objects.published())
    assert Synonyms.objects.count() == 5
    assert not DeliveryTarget.objects.filter(active=True).exists()
    assert all("示例" in rate.source for rate in ContributionRate.objects.all())
    for service in Service.objects.all():
        assert len(pages(service.related)) == len(service.related) > 1
    assert MediaFile.objects.filter(uses__isnull=False).exists()
    assert len(crawl.without_dead_ends(client)) > 60
    assert labels("menu") == ["服务", "招工信息", "资讯", "资质公示", "关于我们", "联系我们"]
    assert labels("company")[:4] == ["关于我们", "加入我们", "人力资讯TOP500", "网站地图"]

    # What an owner has made of the demo stays: an article rewritten, and the category it stands in.
    kept = Article.objects.published().newest().first()
    assert kept is not None
    kept.title = "站长改写过的一篇"
    kept.save()
    asked = Service.objects.published().first()
    assert asked is not None
    asked.faqs.create(question="站长自己加的一问", answer="答。")
    cast.push_target()
    call_command("load_demo", "--remove")
    assert not Delivery.objects.exists(), "no engine heard of it, and none hears that it went"
    assert list(Service.objects.all()) == [asked]
    asked.delete()
    assert "保留（已改动或仍在使用）：文章：站长改写过的一篇" in capsys.readouterr().out
    assert list(Article.objects.all()) == [kept]
    assert list(Category.objects.all()) == [kept.category]
    for model in (Service, Job, Case, DistrictPage, ContributionRate, Hotline, Synonyms, DemoItem):
        assert not model._default_manager.exists()
    assert list(SiteLink.objects.all()) == built_in
    profile = SiteProfile.load()
    assert profile.logo is None
    assert (profile.icp_number, profile.name) == ("", SiteProfile().name)


def labels(placement: str) -> list[str]:
    return [link.label for link in SiteLink.objects.filter(placement=placement)]


def test_a_site_with_content_is_left_alone() -> None:
    cast.article()
    with pytest.raises(CommandError, match="已有内容"):
        call_command("load_demo")
    assert Article.objects.count() == 1


def test_there_is_nothing_to_remove_from_a_site_of_ones_own() -> None:
    cast.article()
    with pytest.raises(CommandError, match="没有演示内容"):
        call_command("load_demo", "--remove")


def test_a_profile_field_the_owner_changed_is_kept() -> None:
    profile = SiteProfile.load()
    profile.name = "真的公司"
    profile.save()
    loading.clear_profile()
    assert SiteProfile.load().name == "真的公司"


def test_the_first_start_prepares_everything_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[dict[str, int]] = []

    def load() -> dict[str, int]:
        loaded.append({"文章": 34})
        return loaded[-1]

    monkeypatch.setattr(loading, "load", load)
    monkeypatch.setattr("portal.management.commands.prepare.call_command", real_but_for_static)
    call_command("prepare")
    first = capsys.readouterr().out
    owner = User.objects.get()
    password = re.search(r"管理员密码：(\S+)", first)
    assert password is not None
    assert owner.check_password(password[1])
    assert owner.is_superuser
    call_command("prepare")
    assert capsys.readouterr().out == ""
    assert len(loaded) == 1


def real_but_for_static(name: str, *args: object, **options: object) -> None:
    """Run the command, save collectstatic: the tests' static files are served from their places."""
    if name != "collectstatic":
        call_command(name, *args, **options)
