"""The groups a new site starts with, and the page that shows what each may do."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection

from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.forms import act, press, url, values

pytestmark = pytest.mark.django_db

groups_migration = import_module("portal.migrations.0002_groups")
later_migrations = [
    import_module(f"portal.migrations.{name}")
    for name in (
        "0004_review_rights",
        "0005_keyword_rights",
        "0006_search_rights",
        "0007_business_rights",
        "0008_tools_rights",
        "0010_page_rights",
        "0013_engine_rights",
        "0014_trust_rights",
    )
]
LIST = "/admin/auth/group/"


def rights(group: str) -> set[str]:
    permissions = Permission.objects.filter(group__name=group).select_related("content_type")
    return {f"{row.content_type.app_label}.{row.codename}" for row in permissions}


# --- The migration ---------------------------------------------------------------------------------


def test_a_fresh_database_has_the_four_groups() -> None:
    names = Group.objects.order_by("pk").values_list("name", flat=True)
    assert list(names) == ["编辑", "主编", "业务", "站长"]


@pytest.mark.parametrize("group", groups_migration.GROUPS)
def test_every_right_that_a_group_shall_have_exists(group: str) -> None:
    wanted = groups_migration.codenames(groups_migration.GROUPS[group])
    later = {
        name if "." in name else f"cms.{name}"
        for migration in later_migrations
        for name in migration.GROUPS.get(group, ())
    }
    assert rights(group) == {f"{app_label}.{codename}" for app_label, codename in wanted} | later


def test_editors_write_and_publish_but_delete_nothing() -> None:
    assert rights("编辑") == {
        "articles.view_article",
        "articles.add_article",
        "articles.change_article",
        "articles.publish_article",
        "articles.view_category",
        "articles.view_author",
        "taggit.view_tag",
        "taggit.add_tag",
        "taggit.change_tag",
        "cms.view_mediafile",
        "cms.add_mediafile",
        "cms.change_mediafile",
        "cabinet.view_folder",
        "cabinet.add_folder",
        "cabinet.change_folder",
        "cms.view_crawledpage",
    }


def test_chief_editors_may_what_editors_may_and_review_pages_and_links() -> None:
    assert rights("编辑") < rights("主编")
    assert {
        "articles.review_article",
        "articles.delete_article",
        "articles.change_category",
        "articles.change_author",
        "cms.publish_page",
        "cms.change_sitelink",
        "cms.delete_redirect",
        "cms.change_missedaddress",
        "cms.change_publicaddress",
        "cms.change_crawledpage",
    } <= rights("主编")
    assert not {name for name in rights("主编") if "verification" in name}
    business = {name for name in rights("主编") if name.startswith("staffing.")}
    assert business == {"staffing.view_ticket", "staffing.change_ticket"}


def test_staff_have_the_business_and_no_articles() -> None:
    assert {
        "staffing.publish_service",
        "staffing.publish_job",
        "staffing.change_hotline",
        "staffing.change_licence",
        "staffing.change_district",
        "cms.add_mediafile",
    } <= rights("业务")
    assert not {name for name in rights("业务") if name.startswith("articles.")}


def test_staff_work_on_leads_and_only_the_owner_takes_them_out_of_the_house() -> None:
    assert {
        "staffing.change_enquiry",
        "staffing.reveal_phone",
        "staffing.forward_enquiry",
        "staffing.change_ticket",
        "staffing.view_report",
        "staffing.change_specialday",
        "staffing.change_minimumwage",
        "staffing.change_contributionrate",
        "staffing.change_comparisonrow",
        "staffing.publish_case",
        "portal.publish_districtpage",
    } <= rights("业务")
    assert not {name for group in ("编辑", "主编") for name in rights(group) if "enquiry" in name}
    assert "staffing.reveal_phone" not in rights("主编")
    everybody = set(Permission.objects.values_list("codename", flat=True))
    # Leads come from the forms, and go by the clock.
    assert not everybody & {"add_enquiry", "delete_enquiry", "add_ticket", "delete_ticket"}


def test_the_owner_may_everything_of_the_others_and_manages_people() -> None:
    assert rights("主编") | rights("业务") < rights("站长")
    own = rights("站长") - rights("主编") - rights("业务")
    assert own == {
        "cms.view_siteprofile",
        "cms.change_siteprofile",
        "cms.view_user",
        "cms.add_user",
        "cms.change_user",
        "auth.view_group",
        "staffing.export_enquiry",
        "staffing.erase_person",
        "staffing.delete_minimumwage",
        "staffing.change_formpolicy",
        "staffing.add_privacynotice",
        "staffing.change_privacynotice",
        "staffing.delete_privacynotice",
        "staffing.view_privacyact",
        "cms.change_delivery",
        "cms.view_deliverytarget",
        "cms.add_deliverytarget",
        "cms.change_deliverytarget",
        "cms.delete_deliverytarget",
        "cms.view_duetask",
        "cms.view_verification",
        "cms.add_verification",
        "cms.change_verification",
        "cms.delete_verification",
        "cms.view_outsidehost",
        "cms.change_outsidehost",
        "cms.view_backuprun",
    }


def test_making_the_groups_on_a_site_that_has_them_changes_nothing() -> None:
    before = {name: rights(name) for name in groups_migration.GROUPS}
    groups_migration.make_groups(apps, SimpleNamespace(connection=connection))
    assert {name: rights(name) for name in groups_migration.GROUPS} == before
    assert Group.objects.count() == 4


# --- The page --------------------------------------------------------------------------------------


def test_a_superuser_sees_rights_in_chinese_and_none_that_no_form_asks_for() -> None:
    html = browser_of(cast.laochen()).get(url("auth_group", "add")).content.decode()
    assert "文章：发布" in html
    assert "文章：审核" in html
    assert "岗位：新增" in html
    assert "文件夹：新增" in html
    assert "Can " not in html
    assert "会话" not in html  # sessions


def test_saving_a_group_unchanged_keeps_its_rights() -> None:
    before = rights("站长")
    address = url("auth_group", "change", Group.objects.get(name="站长").pk)
    owner = browser_of(cast.laochen())
    data = values(owner.get(address))
    data["permissions"] = list(
        Group.objects.get(name="站长").permissions.values_list("pk", flat=True)
    )
    assert owner.post(address, data).status_code == 302
    assert rights("站长") == before


def test_an_owner_who_is_no_superuser_looks_and_changes_nothing() -> None:
    chen = cast.person("xiaochen", "小陈", "站长")
    address = url("auth_group", "change", Group.objects.get(name="编辑").pk)
    response = browser_of(chen).get(address)
    assert "文章：发布" in response.content.decode()
    assert "Can " not in response.content.decode()
    assert browser_of(chen).post(address, {"name": "改名"}).status_code == 403


def test_editors_do_not_see_the_groups() -> None:
    assert browser_of(cast.xiaolin()).get(LIST).status_code == 403


def test_a_group_with_people_is_not_deleted() -> None:
    cast.xiaolin()
    editors = Group.objects.get(name="编辑")
    owner = browser_of(cast.laochen())
    assert owner.post(url("auth_group", "delete", editors.pk), {"post": "yes"}).status_code == 403
    act(owner, LIST, "delete_selected", editors, post="yes")
    assert Group.objects.filter(name="编辑").exists()


def test_an_empty_group_is_deleted_after_a_question() -> None:
    owner = browser_of(cast.laochen())
    spare = Group.objects.create(name="实习")
    spare.permissions.add(Permission.objects.first())  # type: ignore[arg-type]
    address = url("auth_group", "delete", spare.pk)
    assert "实习" in owner.get(address).content.decode()
    assert press(owner, address, "post").status_code == 302
    assert not Group.objects.filter(name="实习").exists()


def test_the_list_tells_how_many_people_are_in_each_group() -> None:
    cast.xiaolin()
    groups = browser_of(cast.laochen()).get(LIST).context["cl"].result_list
    assert {group.name: group.member_count for group in groups} == {
        "编辑": 1,
        "主编": 0,
        "业务": 0,
        "站长": 1,
    }
