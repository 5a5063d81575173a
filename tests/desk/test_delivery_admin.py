"""外发记录 and 通知对象 on the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone

from portal.cms.delivery import Message, due, enqueue, outbox, topics
from portal.cms.delivery.admin import NO_WORKER
from portal.cms.delivery.models import Delivery, DeliveryTarget, DueTask
from portal.cms.delivery.sending import deliver_next
from portal.cms.delivery.topics import TEST
from portal.cms.site import Page
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import act, form_of, fresh, said, url, values

pytestmark = pytest.mark.django_db

LIST = "/admin/cms/delivery/"
TARGETS = "/admin/cms/deliverytarget/"
S = Delivery.State
HOOK = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-geheim"


@pytest.fixture(autouse=True)
def news(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "_topics", {TEST: topics.topic_of(TEST)})
    topics.topic("news", "新单页", lambda pages: Message("新单页"))


def save(client: Client, form: str, **fields: Any) -> Any:
    """Change some fields of a form, of which `address` is one, and save it."""
    return client.post(form, {**values(client.get(form)), "_save": "1", **fields})


def target(name: str = "业务组", **fields: Any) -> DeliveryTarget:
    values = {"address": "amin@example.com", "topics": ["news"], **fields}
    return DeliveryTarget.objects.create(name=name, **values)


def delivery(state: str = S.UNCLEAR, slug: str = "about") -> Delivery:
    if not DeliveryTarget.objects.exists():
        target()
    with transaction.atomic():
        enqueue("news", cast.page(slug=slug, title=f"单页 {slug}"))
    row = Delivery.objects.latest("id")
    row.state = state
    row.lease_until = timezone.now() if state == S.SENDING else None
    row.sent_at = timezone.now() if state == S.DELIVERED else None
    row.save()
    return row


# --- Whom -------------------------------------------------------------------------------------------


def test_a_target_is_made_with_the_topics_that_are_ticked(owner: Client) -> None:
    address = url("cms_deliverytarget", "add")
    page = owner.get(address).content.decode()
    assert "新单页" in page
    assert "测试消息" not in page, "that is what the button is for"
    fields = {"name": "业务组", "kind": "mail", "address": "amin@example.com", "topics": ["news"]}
    save(owner, address, **fields)
    made = DeliveryTarget.objects.get()
    assert (made.topics, made.active) == (["news"], True)


def test_an_address_that_cannot_be_is_refused_in_chinese(owner: Client) -> None:
    fields = {"name": "群", "kind": "wecom", "address": "http://127.0.0.1/"}
    response = save(owner, url("cms_deliverytarget", "add"), **fields)
    assert "请粘贴机器人的完整网址" in response.content.decode()
    assert not DeliveryTarget.objects.exists()


def test_the_keys_to_a_chat_are_never_shown_again(owner: Client) -> None:
    robot = target("群", kind="wecom", address=HOOK, secret="SEC-geheim")
    pages = [TARGETS, form_of(robot), url("cms_deliverytarget", "history", robot.pk)]
    for page in pages:
        assert "geheim" not in owner.get(page).content.decode()
    save(owner, form_of(robot), name="新名字")
    stored = fresh(robot)
    assert (stored.name, stored.address, stored.secret) == ("新名字", HOOK, "SEC-geheim")
    assert "geheim" not in owner.get(pages[-1]).content.decode()


def test_they_are_replaced_by_typing_new_ones(owner: Client) -> None:
    robot = target("群", kind="wecom", address=HOOK, secret="SEC-geheim")
    save(owner, form_of(robot), address=f"{HOOK}-2", secret="SEC-neu")
    assert (fresh(robot).address, fresh(robot).secret) == (f"{HOOK}-2", "SEC-neu")


def test_what_waits_is_tried_at_once_when_the_address_is_put_right(owner: Client) -> None:
    later = timezone.now() + timedelta(hours=6)
    robot = target("群", kind="wecom", address=HOOK, failures=3, paused_until=later)
    row = delivery(S.PENDING)
    assert "起发送" in owner.get(LIST).content.decode()
    Delivery.objects.update(due_at=later, attempts=3)
    save(owner, form_of(robot), name="新名字")
    assert fresh(row).due_at == later
    save(owner, form_of(robot), address=f"{HOOK}-2")
    assert fresh(row).due_at <= timezone.now()
    assert (fresh(robot).failures, fresh(robot).paused_until) == (0, None)


def test_another_kind_wants_another_address(owner: Client) -> None:
    robot = target("群", kind="wecom", address=HOOK, secret="SEC-geheim")
    response = save(owner, form_of(robot), kind="mail")
    assert "请填写新的地址" in response.content.decode()
    save(owner, form_of(robot), kind="mail", address="amin@example.com")
    assert (fresh(robot).kind, fresh(robot).secret) == ("mail", "")


def test_who_may_only_look_sees_no_address_at_all(staff: Client) -> None:
    robot = target("群", kind="wecom", address=HOOK)
    assert staff.get(TARGETS).status_code == 403
    assert staff.get(form_of(robot)).status_code == 403


def test_a_target_with_a_past_is_switched_off_and_not_deleted(owner: Client) -> None:
    used, unused = target(), target("没用过的")
    outbox.put("news", cast.page(), [used])
    for page in (used, unused):
        owner.post(url("cms_deliverytarget", "delete", page.pk), {"post": "yes"})
    assert [*DeliveryTarget.objects.all()] == [used]
    assert "取消“启用”" in said(act(owner, TARGETS, "delete_selected", used))


# --- A test -----------------------------------------------------------------------------------------


def test_a_test_message_goes_through_the_outbox(owner: Client) -> None:
    receiver = target()
    address = url("cms_deliverytarget", "test", receiver.pk)
    response = owner.post(address, values(owner.get(form_of(receiver))), follow=True)
    assert "测试消息已排队" in said(response)
    assert NO_WORKER in said(response)
    owner.post(address)
    assert Delivery.objects.filter(target=receiver, topic=TEST).count() == 2, "each press is one"
    while deliver_next("worker"):
        pass
    assert [sent.subject[-4:] for sent in mail.outbox] == ["测试消息"] * 2
    shown = owner.get(f"{LIST}?target__id__exact={receiver.pk}").content.decode()
    assert "测试消息" in shown


def test_one_that_is_switched_off_gets_none(owner: Client) -> None:
    receiver = target(active=False)
    response = owner.post(url("cms_deliverytarget", "test", receiver.pk), follow=True)
    assert "请先启用" in said(response)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("who", ["editor", "chief", "staff"])
def test_a_test_is_for_who_may_change_targets(who: str, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)
    assert client.post(url("cms_deliverytarget", "test", target().pk)).status_code == 403
    assert not Delivery.objects.exists()


def test_a_test_is_asked_for_by_a_button_and_of_one_there_is(owner: Client) -> None:
    assert owner.get(url("cms_deliverytarget", "test", target().pk)).status_code == 405
    assert owner.post(url("cms_deliverytarget", "test", 999)).status_code == 404


# --- What became of it ------------------------------------------------------------------------------


def test_the_list_says_what_became_of_each(owner: Client) -> None:
    for n, state in enumerate(S):
        delivery(state, f"p{n}")
    page = owner.get(LIST).content.decode()
    for state in S:
        assert str(state.label) in page
    assert "单页 p3" in page
    assert "业务组" in page
    assert not english_in(page, ["p0", "p1", "p2", "p3", "p4", "p5"])


def test_the_list_costs_the_same_however_long_it_is(
    owner: Client, django_assert_max_num_queries: Any
) -> None:
    for n in range(12):
        delivery(S.PENDING, f"p{n}")
    with django_assert_max_num_queries(14):
        owner.get(LIST)


def test_what_is_gone_can_still_be_listed(owner: Client) -> None:
    delivery()
    Page.objects.all().delete()
    assert "已删除" in owner.get(LIST).content.decode()


def test_an_empty_list_says_what_will_stand_here(owner: Client) -> None:
    assert "还没有发出过通知" in owner.get(LIST).content.decode()


def test_sending_again_asks_and_names_the_risk(owner: Client) -> None:
    unclear, failed = delivery(), delivery(S.FAILED, "p1")
    done = delivery(S.DELIVERED, "p2")
    page = act(owner, LIST, "send_again", unclear, failed, done)
    text = page.content.decode()
    assert "对方可能收到两条" in text
    assert "单页 about" in text
    assert "1 条没有发出，会再发一次" in text
    assert not english_in(text, ["about"])
    assert fresh(unclear).state == S.UNCLEAR, "not done yet"
    response = act(owner, LIST, "send_again", unclear, failed, done, confirmed="1")
    assert "重新发送：2 条" in said(response)
    assert [fresh(row).state for row in (unclear, failed, done)] == [
        S.PENDING,
        S.PENDING,
        S.DELIVERED,
    ]


def test_where_nothing_can_be_sent_again_the_page_says_so(owner: Client) -> None:
    page = act(owner, LIST, "send_again", delivery(S.DELIVERED)).content.decode()
    assert "所选的都不需要重新发送" in page


def test_who_has_asked_notes_that_it_arrived(owner: Client) -> None:
    unclear = delivery()
    assert "标为已送达：1 条" in said(act(owner, LIST, "take_for_delivered", unclear))
    stored = fresh(unclear)
    assert (stored.state, stored.problem) == (S.DELIVERED, "老陈确认已送达。")
    assert stored.sent_at is not None
    assert "没有改动" in said(act(owner, LIST, "take_for_delivered", unclear))


def test_staff_look_and_change_nothing(staff: Client) -> None:
    row = delivery()
    assert staff.get(LIST).status_code == 200
    act(staff, LIST, "send_again", row, confirmed="1")
    act(staff, LIST, "take_for_delivered", row)
    assert fresh(row).state == S.UNCLEAR


def test_editors_see_none_of_it(editor: Client) -> None:
    assert editor.get(LIST).status_code == 403


def test_nobody_makes_or_deletes_a_record_by_hand(owner: Client) -> None:
    row = delivery()
    assert owner.get(url("cms_delivery", "add")).status_code == 403
    assert owner.post(url("cms_delivery", "delete", row.pk), {"post": "yes"}).status_code == 403
    page = owner.get(form_of(row))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()


# --- The worker -------------------------------------------------------------------------------------


def test_a_site_without_a_worker_is_told(owner: Client) -> None:
    assert NO_WORKER in owner.get(LIST).content.decode()
    DueTask.objects.create(
        name=due.HEARTBEAT, due_at=timezone.now(), finished_at=timezone.now() - timedelta(seconds=9)
    )
    assert NO_WORKER not in owner.get(LIST).content.decode()


def test_periodic_tasks_can_be_looked_at(owner: Client) -> None:
    due.make_rows()
    page = owner.get("/admin/cms/duetask/").content.decode()
    assert "清理限流计数" in page
    assert "还没有" in page
    assert not english_in(page, [])
