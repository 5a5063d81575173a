"""Who may do what with leads, tickets and people's data: every role at every address; and no number
anywhere for those who may not read it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from portal.cms.accounts import User
from portal.cms.phones import phone_key
from staffing.models import Enquiry, FormPolicy, PrivacyNotice, Ticket
from staffing.tickets.admin import VERBS
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.forms import act

pytestmark = pytest.mark.django_db

NUMBER = "+8613812348155"
DIGITS = "13812348155"
LEADS, TICKETS = "/admin/staffing/enquiry/", "/admin/staffing/ticket/"
PRIVACY = "/admin/staffing/privacyact/"


def owner_without_crown() -> User:
    """站长 as a group alone: no superuser, so that the table shows what the group may."""
    return cast.person("xiaochen", "小陈", "站长")


WHO: dict[str, Callable[[], User]] = {
    "编辑": cast.xiaolin,
    "主编": cast.laozhou,
    "业务": cast.amin,
    "站长": owner_without_crown,
}
ALL = {"编辑", "主编", "业务", "站长"}
# Method, address and who gets through; everybody else is refused. An answer that leads on is one.
TABLE: list[tuple[str, str, set[str]]] = [
    ("get", f"{LEADS}", {"业务", "站长"}),
    ("get", f"{LEADS}?q=王", {"业务", "站长"}),
    ("post", f"{LEADS}?q=王", {"业务", "站长"}),
    ("get", f"{LEADS}report/", {"业务", "站长"}),
    ("get", f"{LEADS}{{lead}}/change/", {"业务", "站长"}),
    ("post", f"{LEADS}{{lead}}/change/", {"业务", "站长"}),
    ("get", f"{LEADS}{{lead}}/history/", {"业务", "站长"}),
    ("post", f"{LEADS}{{lead}}/claim/", {"业务", "站长"}),
    ("post", f"{LEADS}{{lead}}/reveal/", {"业务", "站长"}),
    ("get", f"{LEADS}{{lead}}/cv/", {"业务", "站长"}),
    ("post", f"{LEADS}{{lead}}/consent/", {"业务", "站长"}),
    ("post", f"{LEADS}{{lead}}/withdraw/", {"业务", "站长"}),
    ("post", f"{LEADS}{{lead}}/forward/", {"业务", "站长"}),
    ("get", f"{LEADS}add/", set()),
    ("post", f"{LEADS}{{lead}}/delete/", set()),
    ("get", TICKETS, {"主编", "业务", "站长"}),
    ("get", f"{TICKETS}{{ticket}}/change/", {"主编", "业务", "站长"}),
    ("post", f"{TICKETS}{{ticket}}/change/", {"主编", "业务", "站长"}),
    ("post", f"{TICKETS}{{ticket}}/claim/", {"主编", "业务", "站长"}),
    ("post", f"{TICKETS}{{ticket}}/reveal/", {"业务", "站长"}),
    ("get", f"{TICKETS}{{ticket}}/proof/", {"业务", "站长"}),
    ("get", f"{TICKETS}add/", set()),
    ("post", f"{TICKETS}{{ticket}}/delete/", set()),
    ("get", PRIVACY, {"站长"}),
    ("get", f"{PRIVACY}person/", {"站长"}),
    ("post", f"{PRIVACY}person/", {"站长"}),
    ("post", f"{PRIVACY}person/export/", {"站长"}),
    ("post", f"{PRIVACY}person/erase/", {"站长"}),
    ("get", f"{PRIVACY}add/", set()),
    ("get", "/admin/staffing/privacynotice/", {"业务", "站长"}),
    ("get", "/admin/staffing/privacynotice/add/", {"站长"}),
    ("get", "/admin/staffing/privacynotice/{notice}/change/", {"业务", "站长"}),
    ("get", "/admin/staffing/formpolicy/", {"业务", "站长"}),
    ("get", "/admin/staffing/formpolicy/{policy}/change/", {"业务", "站长"}),
    ("get", "/admin/staffing/formpolicy/add/", set()),
    ("post", "/admin/staffing/formpolicy/{policy}/delete/", set()),
]


@pytest.fixture
def rows() -> dict[str, int]:
    lead = cast.application("王女士", phone=NUMBER, experience=f"做过普工，电话{DIGITS}")
    return {
        "lead": lead.pk,
        "ticket": cast.ticket(phone=NUMBER, statement=f"请回电 {DIGITS}").pk,
        "notice": PrivacyNotice.objects.order_by("pk")[0].pk,
        "policy": FormPolicy.objects.order_by("pk")[0].pk,
    }


@pytest.mark.parametrize("who", WHO)
def test_every_address_lets_in_those_it_is_for(who: str, rows: dict[str, int]) -> None:
    client, wrong = browser_of(WHO[who]()), []
    for method, address, allowed in TABLE:
        answer = getattr(client, method)(address.format(**rows))
        # 404: they came as far as being told that there is no CV, or no such consent.
        came_in = answer.status_code != 403
        if came_in != (who in allowed):
            wrong.append((method, address, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize(("method", "address", "allowed"), TABLE)
def test_a_stranger_is_asked_to_sign_in(
    client: Client, method: str, address: str, allowed: set[str], rows: dict[str, int]
) -> None:
    answer = getattr(client, method)(address.format(**rows))
    page = answer.content.decode()
    assert answer.status_code == 302 or "登录" in page
    assert DIGITS not in page
    assert not Enquiry.objects.get().events.exists()


def without(user: User, *rights: str) -> Client:
    """The browser of somebody of 业务 from whom some rights were taken."""
    user.groups.clear()
    kept = Permission.objects.filter(group__name="业务").exclude(codename__in=rights)
    user.user_permissions.set(kept)
    return browser_of(User.objects.get(pk=user.pk))


def test_no_page_shows_a_number_to_who_may_not_read_it(rows: dict[str, int]) -> None:
    client = without(cast.amin(), "reveal_phone")
    lead = Enquiry.objects.get(pk=rows["lead"])
    notes = {"seen": f"{lead.status}//", "status": "contacted", "note": f"打了 {DIGITS}"}
    client.post(f"{LEADS}{lead.pk}/change/", notes)
    client.post(f"{TICKETS}{rows['ticket']}/change/", {"note": "1", "text": f"打了 {DIGITS}"})
    addresses = [address.format(**rows) for method, address, _ in TABLE if method == "get"]
    for address in ["/admin/", "/admin/cms/delivery/", *addresses]:
        html = client.get(address, follow=True).content.decode()
        assert DIGITS not in html, address
        assert "+86138" not in html, address
        assert "138 1234 8155" not in html, address
    assert client.post(f"{LEADS}{lead.pk}/reveal/").status_code == 403
    assert client.post(f"{TICKETS}{rows['ticket']}/reveal/").status_code == 403
    assert client.get(f"{LEADS}{lead.pk}/cv/").status_code == 403


def test_who_may_only_look_changes_nothing(rows: dict[str, int]) -> None:
    client = without(cast.amin(), "change_enquiry", "change_ticket")
    assert client.get(f"{LEADS}{rows['lead']}/change/").status_code == 200
    for verb in ("change", "claim", "consent", "withdraw", "forward"):
        assert client.post(f"{LEADS}{rows['lead']}/{verb}/").status_code == 403, verb
    for verb in VERBS:
        answer = client.post(f"{TICKETS}{rows['ticket']}/change/", {verb: "1", "text": "理由"})
        assert answer.status_code == 403, verb
    assert client.post(f"{TICKETS}{rows['ticket']}/claim/").status_code == 403


def test_forwarding_and_exporting_ask_for_rights_of_their_own(rows: dict[str, int]) -> None:
    client = without(cast.amin(), "forward_enquiry")
    assert client.post(f"{LEADS}{rows['lead']}/forward/").status_code == 403
    assert "记下同意" not in client.get(f"{LEADS}{rows['lead']}/change/").content.decode()
    lead = Enquiry.objects.get(pk=rows["lead"])
    answer = act(client, LEADS, "export_selected", lead, reason="想看看")
    assert "spreadsheetml" not in answer.get("Content-Type", "")
    assert not Ticket.objects.filter(entries__kind="exported").exists()
    assert not lead.events.exists()


# --- What a list tells to who asks it the right way -----------------------------------------------------

COLUMNS = ("phone", "phone_key", "email", "statement", "message", "name", "experience")
LOOKUPS = ("", "__exact", "__startswith", "__contains", "__icontains", "__regex", "__gte", "__in")


@pytest.mark.parametrize("listed", [LEADS, TICKETS, PRIVACY])
def test_no_list_is_asked_for_a_column_that_it_offers_no_filter_for(
    listed: str, owner: Client, rows: dict[str, int]
) -> None:
    for column in COLUMNS:
        for lookup in LOOKUPS:
            if (column, lookup) == ("phone", "") and listed != PRIVACY:
                continue  # the filter by key
            answer = owner.get(listed, {f"{column}{lookup}": "+86138"})
            assert answer.status_code == 400, f"{column}{lookup}"
    assert owner.get(listed, {"owner__username__startswith": "a"}).status_code == 400


def test_a_number_is_not_guessed_by_the_filter_by_key(owner: Client, rows: dict[str, int]) -> None:
    for listed in (LEADS, TICKETS):
        for guess in ("+86138", NUMBER, DIGITS, "a\x00b", "g" * 64, "a" * 64):
            assert owner.get(listed, {"phone": guess}).context["cl"].result_count == 0


def test_what_is_shown_masked_is_not_found_digit_by_digit(chief: Client, staff: Client) -> None:
    cast.ticket(organisation=f"致电{DIGITS}", page=f"/jobs/{DIGITS}/")
    cast.enquiry("打一三八一二三四八一五五", company=f"致电{DIGITS}")

    def found(client: Client, listed: str, words: str) -> int:
        count: int = client.get(listed, {"q": words}).context["cl"].result_count
        return count

    for part in ("1381234", "电13", "138", "/jobs/138", "81", '"381"', "致电 155", "１３８"):
        assert found(chief, TICKETS, part) == 0, part
        assert found(staff, LEADS, part) == 0, part
    assert found(staff, LEADS, "打一三八") == 0


def test_names_with_a_digit_references_and_whole_pages_are_found(staff: Client) -> None:
    lead = cast.enquiry(company="三一重工深圳2厂", reference="26-7K24P3")
    cast.enquiry()
    ticket = cast.ticket(page="/articles/2026-guide/", organisation="")
    for words in ("三一", "2厂", "三一 26-7K24", "7k24p3"):
        assert list(staff.get(LEADS, {"q": words}).context["cl"].result_list) == [lead], words
    for words in ("/articles/2026-guide/", "/articles/", ticket.number):
        assert list(staff.get(TICKETS, {"q": words}).context["cl"].result_list) == [ticket], words


def test_a_persons_page_asks_for_the_right_to_read_numbers_too(rows: dict[str, int]) -> None:
    user = owner_without_crown()
    user.groups.clear()
    rights = Permission.objects.filter(group__name="站长").exclude(codename="reveal_phone")
    user.user_permissions.set(rights)
    client = browser_of(User.objects.get(pk=user.pk))
    assert "/person/" not in client.get(PRIVACY).content.decode()
    for address in ("person/", "person/export/", "person/erase/"):
        answer = client.post(f"{PRIVACY}{address}", {"contact": DIGITS})
        assert answer.status_code == 403, address


def test_filters_and_cards_still_lead_where_they_say(chief: Client, staff: Client) -> None:
    cast.ticket(phone=NUMBER)
    for query in ("status=all", "kind__exact=takedown", "decision__exact=none", "attention=due"):
        assert chief.get(f"{TICKETS}?{query}").status_code == 200, query
    cast.enquiry(phone=NUMBER)
    for query in (
        "status=won", "owner=me", "kind__exact=company", "days=7", "suspicious__exact=1",
        f"phone={phone_key(NUMBER)}", "attention=unclaimed", "o=3", "p=1", "e=1",
    ):  # fmt: skip
        assert staff.get(f"{LEADS}?{query}").status_code == 200, query
