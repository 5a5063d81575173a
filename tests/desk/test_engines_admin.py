"""站长验证, 网址推送状态, and search engines among the 通知对象, on the desk."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.delivery import claiming
from portal.cms.delivery.models import Delivery, DeliveryTarget
from portal.cms.engines import announcing, push
from portal.cms.engines.models import PublicAddress, Verification
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import act, form_of, fresh, said, url, values

pytestmark = pytest.mark.django_db

S = Delivery.State
ADDRESSES = "/admin/cms/publicaddress/"
TARGETS = "/admin/cms/deliverytarget/"


def save(client: Client, form: str, **fields: Any) -> Any:
    return client.post(form, {**values(client.get(form)), "_save": "1", **fields})


# --- Verification -----------------------------------------------------------------------------------

ADD = "/admin/cms/verification/add/"


def test_a_tag_is_pasted_as_it_was_copied(owner: Client) -> None:
    page = owner.get(ADD).content.decode()
    assert english_in(page) == []
    tag = '<meta name="baidu-site-verification" content="codeva-a1B2c3" />'
    save(owner, ADD, content=tag)
    made = Verification.objects.get()
    assert (made.engine, made.way, made.name, made.content) == (
        "baidu", "meta", "baidu-site-verification", "codeva-a1B2c3"
    )  # fmt: skip
    assert "codeva-a1B2c3" in owner.get("/").content.decode()


def test_a_file_is_taken_as_it_was_downloaded(owner: Client) -> None:
    file = SimpleUploadedFile("MP_verify_a1B2c3.txt", b"\xef\xbb\xbfa1B2c3")
    save(owner, ADD, file=file)
    made = Verification.objects.get()
    assert (made.engine, made.way, made.content) == ("wechat", "file", "a1B2c3")
    assert Client().get("/MP_verify_a1B2c3.txt").content == b"a1B2c3"
    page = owner.get("/admin/cms/verification/").content.decode()
    assert "/MP_verify_a1B2c3.txt" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"content": '<meta name="referrer" content="unsafe-url">'}, "不认识这个标签"),
        (
            {"name": "baidu-site-verification", "content": '"><script>alert(1)</script>'},
            "标签的内容只有",
        ),
        ({"way": "file", "name": "index.html", "content": "x"}, "不是平台的验证文件名"),
        ({"way": "file", "name": "ByteDanceVerify.html", "content": "<script>"}, "不能有脚本"),
        ({"name": "", "content": ""}, "请填写，或选择平台给的文件"),
        ({"file": SimpleUploadedFile("MP_verify_x.txt", b"x" * 5000)}, "最大 4 KB"),
        ({"file": SimpleUploadedFile("MP_verify_x.txt", b"\xff\xfe\x00")}, "不是文字文件"),
        ({"file": SimpleUploadedFile("BingSiteAuth.xml", b"<x>\0")}, "不是文字文件"),
        ({"file": SimpleUploadedFile("shell.php", b"x")}, "不是平台的验证文件名"),
    ],
    ids=["tag", "value", "index", "script", "nothing", "large", "binary", "nul", "php"],
)
def test_what_could_do_more_than_prove_is_refused(
    owner: Client, fields: dict[str, Any], words: str
) -> None:
    assert words in save(owner, ADD, **fields).content.decode()
    assert not Verification.objects.exists()


def test_the_same_proof_twice_is_a_sentence(owner: Client) -> None:
    cast.verification("baidu-site-verification", "codeva-1")
    answer = save(owner, ADD, name="baidu-site-verification", content="codeva-1")
    assert "已有这个标签" in answer.content.decode()
    cast.verification("BingSiteAuth.xml", "<x>", way="file")
    answer = save(owner, ADD, way="file", name="BingSiteAuth.xml", content="<y>")
    assert "已有这个名称的文件" in answer.content.decode()


def test_each_account_of_an_engine_has_a_tag_of_its_own(owner: Client) -> None:
    cast.verification("google-site-verification", "eins", engine="google")
    save(owner, ADD, name="google-site-verification", content="zwei")
    home = owner.get("/").content.decode()
    assert "eins" in home
    assert "zwei" in home


def test_nobody_but_the_owner_speaks_for_the_site(client: Client) -> None:
    for person in (cast.xiaolin(), cast.laozhou(), cast.amin()):
        client.force_login(person)
        assert client.get(ADD).status_code == 403
        assert client.get(TARGETS).status_code == 403


# --- Engines that are told --------------------------------------------------------------------------


def test_baidu_is_set_up_with_its_token_alone(owner: Client) -> None:
    save(owner, f"{TARGETS}add/", name="百度", kind="baidu", secret="ceshi12345678abc")
    made = DeliveryTarget.objects.get()
    assert (made.address, made.secret) == ("http://127.0.0.1:8000", "ceshi12345678abc")
    assert made.topics == []
    for page in (TARGETS, form_of(made), url("cms_deliverytarget", "history", made.pk)):
        html = owner.get(page).content.decode()
        assert "ceshi12345678abc" not in html
        assert "发送测试消息" not in html
    save(owner, form_of(made), name="百度普通收录")
    assert (fresh(made).secret, fresh(made).address) == (made.secret, made.address)


@pytest.mark.parametrize(
    "address",
    [
        "https://www.example.com/",
        "http://data.zz.baidu.com/urls?site=https://www.example.com&token=xinde12345678abc",
    ],
)
def test_the_address_is_taken_as_it_was_copied(owner: Client, address: str) -> None:
    secret = "xinde12345678abc" if address.endswith("/") else ""
    save(owner, f"{TARGETS}add/", name="百度", kind="baidu", address=address, secret=secret)
    made = DeliveryTarget.objects.get()
    assert (made.address, made.secret) == ("https://www.example.com", "xinde12345678abc")


@pytest.mark.parametrize("length", [8, 128])
def test_the_file_of_any_key_that_is_taken_is_there(length: int) -> None:
    target = cast.push_target("indexnow")
    target.secret = "a" * length
    target.full_clean()
    target.save()
    assert Client().get(f"/{target.secret}.txt").content.decode() == target.secret


def test_a_key_of_indexnow_is_made_and_its_file_is_there(owner: Client) -> None:
    answer = owner.post(
        f"{TARGETS}add/",
        {**values(owner.get(f"{TARGETS}add/")), "name": "必应", "kind": "indexnow", "_save": "1"},
        follow=True,
    )
    made = DeliveryTarget.objects.get()
    assert re.fullmatch(r"[0-9a-f]{32}", made.secret)
    assert f"/{made.secret}.txt" in said(answer)
    assert Client().get(f"/{made.secret}.txt").content.decode() == made.secret


def test_without_a_token_or_an_address_it_is_refused(owner: Client) -> None:
    answer = save(owner, f"{TARGETS}add/", name="百度", kind="baidu")
    assert "请填写百度搜索资源平台给出的密钥" in answer.content.decode()
    answer = save(owner, f"{TARGETS}add/", name="组", kind="mail", address="")
    assert "请填写地址" in answer.content.decode()
    assert not DeliveryTarget.objects.exists()


def test_an_engine_gets_no_test_message(owner: Client) -> None:
    target = cast.push_target()
    answer = owner.post(f"{TARGETS}{target.pk}/test/", follow=True)
    assert "搜索引擎没有测试消息" in said(answer)
    assert not Delivery.objects.exists()


def test_the_list_says_how_an_engine_is(owner: Client) -> None:
    target = cast.push_target(remaining=500)
    assert "还能推送 500 条" in owner.get(TARGETS).content.decode()
    later = timezone.now() + timedelta(hours=1)
    DeliveryTarget.objects.filter(pk=target.pk).update(note=push.QUOTA_USED, paused_until=later)
    assert push.QUOTA_USED in owner.get(TARGETS).content.decode()


def test_another_token_begins_anew_at_once(owner: Client) -> None:
    later = timezone.now() + timedelta(hours=1)
    target = cast.push_target(note="密钥不对", paused_until=later, remaining=0)
    cast.article()
    assert claiming.claim("worker") == []
    save(owner, form_of(target), secret="xinde12345678abc")
    target.refresh_from_db()
    assert (target.note, target.paused_until, target.remaining) == ("", None, None)
    assert len(claiming.claim("worker")) == 1


# --- What was told ----------------------------------------------------------------------------------


def told(state: str, problem: str = "") -> PublicAddress:
    row = PublicAddress.objects.latest("id")
    sent_at = timezone.now() if state == S.DELIVERED else None
    row.deliveries.update(state=state, problem=problem, attempts=3, sent_at=sent_at)
    return row


def test_the_state_of_each_address_is_shown_by_engine(owner: Client) -> None:
    cast.push_target(name="百度")
    cast.push_target("indexnow", name="必应")
    article = cast.article()
    told(S.FAILED, push.NOT_VALID)
    page = owner.get(ADDRESSES).content.decode()
    assert english_in(page) == []
    for words in (article.get_absolute_url(), "百度", "必应", push.NOT_VALID, "试过 3 次", "公开"):
        assert words in page
    assert article.get_absolute_url() in owner.get(f"{ADDRESSES}?push=failed").content.decode()
    assert "没有送达或不确定的外发" not in owner.get("/admin/").content.decode(), "no lead is late"
    nothing = owner.get(f"{ADDRESSES}?push=delivered&q=articles").content.decode()
    assert article.get_absolute_url() not in nothing


def test_the_list_costs_the_same_for_many(
    owner: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    cast.push_target()
    for _ in range(12):
        cast.article()
    with django_assert_max_num_queries(14):
        assert owner.get(ADDRESSES).status_code == 200


def test_an_address_is_told_once_more_by_hand(owner: Client) -> None:
    cast.push_target()
    cast.article()
    row = told(S.DELIVERED)
    assert "1 个网址已排队" in said(act(owner, ADDRESSES, "push", row))
    assert sorted(row.deliveries.values_list("state", flat=True)) == [S.DELIVERED, S.PENDING]


def test_what_is_not_public_is_not_told_by_hand(owner: Client) -> None:
    cast.push_target()
    article = cast.article(indexable=True)
    row = PublicAddress.objects.get()
    article.indexable = False
    article.save()
    before = row.deliveries.count()
    assert "1 个没有推送" in said(act(owner, ADDRESSES, "push", row))
    assert row.deliveries.count() == before


def test_who_may_see_it_and_who_may_push(client: Client) -> None:
    cast.push_target()
    cast.article()
    row = PublicAddress.objects.get()
    client.force_login(cast.laozhou())
    assert client.get(ADDRESSES).status_code == 200
    assert client.get(f"{ADDRESSES}add/").status_code == 403
    assert "1 个网址已排队" in said(act(client, ADDRESSES, "push", row))
    client.force_login(cast.xiaolin())
    assert client.get(ADDRESSES).status_code == 403


def test_without_an_engine_the_list_says_what_to_do(owner: Client) -> None:
    assert "还没有设置推送" in said(owner.get(ADDRESSES))
    assert announcing.push_targets() == []


# --- By hand, from a list of items --------------------------------------------------------------------

ARTICLES = "/admin/articles/article/"


def test_what_is_older_than_the_pushing_is_told_by_hand(chief: Client) -> None:
    article, draft, hidden = cast.article(), cast.draft(), cast.article(indexable=False)
    cast.push_target()
    page = act(chief, ARTICLES, "push_selected", article, draft, hidden)
    assert "推送：1 个网址已排队。" in said(page)
    assert "2 个没有推送" in said(page)
    row = PublicAddress.objects.get()
    assert (row.path, row.item, row.was_public) == (article.get_absolute_url(), article, True)
    assert row.deliveries.count() == 1
    article.save()
    assert row.deliveries.count() == 1, "that is known now"


def test_without_an_engine_nothing_is_told_by_hand(chief: Client) -> None:
    article = cast.article()
    assert "没有设置推送" in said(act(chief, ARTICLES, "push_selected", article))
    assert not Delivery.objects.exists()
    assert not PublicAddress.objects.exists()


def test_who_may_not_push_is_not_offered_it(editor: Client) -> None:
    cast.push_target()
    article = cast.article()
    Delivery.objects.all().delete()
    assert "push_selected" not in editor.get(ARTICLES).content.decode()
    act(editor, ARTICLES, "push_selected", article)
    assert not Delivery.objects.exists()


def test_more_than_engines_take_at_once_are_not_told_at_once(
    chief: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.push_target()
    monkeypatch.setattr(announcing, "MOST", 1)
    page = act(chief, ARTICLES, "push_selected", cast.article(), cast.article())
    assert "一次最多推送 1 条" in said(page)
