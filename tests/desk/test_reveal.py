"""看号码 and 下载简历: by right, for one answer, and written down each time."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from portal.cms import private
from portal.cms.private.models import PrivateFile
from staffing.models import Enquiry, EnquiryEvent, PrivacyAct, Ticket, TicketEntry
from staffing.models.acts import FULL
from staffing.privacy.files import CV, PROOF
from staffing.privacy.watching import MANY_READ, reading_many
from tests import cast
from tests.cms import samples
from tests.desk.conftest import browser_of
from tests.desk.forms import form_of

pytestmark = pytest.mark.django_db

NUMBER, READ_ALOUD = "+8613812348155", "138 1234 8155"


def address(row: Any, verb: str) -> str:
    return f"{form_of(row).removesuffix('change/')}{verb}/"


def paper(used_for: str) -> PrivateFile:
    return private.keep(samples.named(samples.PDF, "王女士 13812348155.pdf"), used_for)


def test_the_number_is_shown_for_one_answer_and_it_is_written_down(staff: Client) -> None:
    lead = cast.enquiry(phone=NUMBER, message="也可以打 13912345678")
    answer = staff.post(address(lead, "reveal"))
    html = answer.content.decode()
    assert READ_ALOUD in html
    assert f'href="tel:{NUMBER}"' in html
    assert "13912345678" in html  # what they wrote is shown with it
    assert "no-store" in answer["Cache-Control"]
    event = lead.events.get()
    assert (event.kind, event.by, event.text) == ("revealed", cast.amin(), "")
    again = staff.get(form_of(lead)).content.decode()
    assert READ_ALOUD not in again
    assert "13912345678" not in again
    assert "查看号码" in again
    assert not LogEntry.objects.filter(object_repr__contains="8155").exists()


def test_a_look_by_address_alone_shows_nothing(staff: Client) -> None:
    lead = cast.enquiry(phone=NUMBER)
    assert staff.get(address(lead, "reveal")).status_code == 405
    assert not lead.events.exists()


def test_who_looks_at_many_numbers_is_seen_by_the_owner(owner: Client) -> None:
    lead = cast.enquiry()
    rows = [EnquiryEvent(enquiry=lead, kind="revealed", by=cast.amin())] * MANY_READ
    EnquiryEvent.objects.bulk_create(
        EnquiryEvent(enquiry=lead, kind="revealed", by=row.by) for row in rows
    )
    page = "/admin/staffing/privacyact/"
    assert "请问问原因" not in owner.get(page).content.decode()
    browser_of(cast.amin()).post(address(lead, "reveal"))
    html = owner.get(page).content.decode()
    assert f"阿敏今天查看、下载或导出了 {MANY_READ + 1} 个完整号码" in html


def test_numbers_are_counted_wherever_they_are_read(owner: Client) -> None:
    lead, ticket, amin = cast.application(cv=paper(CV)), cast.ticket(phone=NUMBER), cast.amin()
    EnquiryEvent.objects.bulk_create(
        EnquiryEvent(enquiry=lead, kind="revealed", by=amin) for _ in range(10)
    )
    EnquiryEvent.objects.bulk_create(
        EnquiryEvent(enquiry=lead, kind="file_opened", by=amin) for _ in range(10)
    )
    TicketEntry.objects.bulk_create(
        TicketEntry(ticket=ticket, kind="revealed", by=amin) for _ in range(10)
    )
    assert reading_many() == []
    exported = {"act": PrivacyAct.Act.EXPORT_LIST, "by": amin}
    PrivacyAct.objects.create(**exported, count=500, text="电话已打码：汇总")
    assert reading_many() == []
    PrivacyAct.objects.create(**exported, count=7, text=f"{FULL}：汇总")
    assert reading_many() == [("阿敏", 37)]


def test_a_cv_is_downloaded_by_a_link_for_one_person_and_written_down(staff: Client) -> None:
    lead = cast.application(cv=paper(CV))
    html = staff.get(form_of(lead)).content.decode()
    assert "下载简历" in html
    assert "13812348155" not in html  # the file's name holds it
    link = staff.get(address(lead, "cv"))["Location"]
    assert browser_of(cast.laochen()).get(link).status_code == 404
    assert not lead.events.exists()
    answer = staff.get(link)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]
    assert answer.getvalue().startswith(b"%PDF")
    assert lead.events.get().kind == EnquiryEvent.Kind.FILE_OPENED


def test_there_is_no_cv_where_none_was_sent(staff: Client) -> None:
    lead = cast.application()
    assert "下载简历" not in staff.get(form_of(lead)).content.decode()
    assert staff.get(address(lead, "cv")).status_code == 404
    assert staff.get("/admin/staffing/enquiry/99999/cv/").status_code == 404


def test_a_link_to_a_cv_dies_with_the_right(staff: Client) -> None:
    lead = cast.application(cv=paper(CV))
    link = staff.get(address(lead, "cv"))["Location"]
    cast.amin().groups.clear()
    assert staff.get(link).status_code == 403
    assert not lead.events.exists()


def test_a_file_of_a_lead_that_is_gone_is_nobodys(staff: Client) -> None:
    lead = cast.application(cv=paper(CV))
    link = staff.get(address(lead, "cv"))["Location"]
    Enquiry.objects.update(cv=None)
    assert staff.get(link).status_code == 403


def test_the_number_and_the_proof_of_a_ticket(staff: Client) -> None:
    ticket = cast.ticket(phone=NUMBER, proof=paper(PROOF))
    html = staff.post(address(ticket, "reveal")).content.decode()
    assert READ_ALOUD in html
    assert READ_ALOUD not in staff.get(form_of(ticket)).content.decode()
    answer = staff.get(staff.get(address(ticket, "proof"))["Location"])
    assert answer.status_code == 200
    assert answer.getvalue().startswith(b"%PDF")
    kinds = list(ticket.entries.order_by("at", "pk").values_list("kind", flat=True))
    assert kinds == [TicketEntry.Kind.REVEALED, TicketEntry.Kind.FILE_OPENED]
    bare = cast.ticket()
    assert staff.get(address(bare, "proof")).status_code == 404
    assert Ticket.objects.count() == 2


def test_a_proof_says_the_number_too_so_it_is_for_those_who_may_read_it(
    staff: Client, chief: Client
) -> None:
    ticket = cast.ticket(phone=NUMBER, proof=paper(PROOF))
    html = chief.get(form_of(ticket)).content.decode()
    assert ">看号码<" not in html
    assert "下载证明材料" not in html
    assert "附有证明材料" in html
    assert chief.get(address(ticket, "proof")).status_code == 403
    link = staff.get(address(ticket, "proof"))["Location"]
    assert chief.get(link).status_code == 404
    assert not ticket.entries.exists()
