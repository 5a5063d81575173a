"""Whom data may be handed on to: a firm by its name, and nothing that hides one (PIPL §23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ValidationError

from staffing.enquiries.verbs import record_consent
from staffing.models import PrivacyNotice
from staffing.models.firm import names_a_company, names_a_firm
from tests import cast

if TYPE_CHECKING:
    from django.test import Client

# How recruiters hide a client.
HIDDEN = (
    "XX电子有限公司", "xx电子有限公司", "ＸＸ电子有限公司", "**电子有限公司", "＊＊电子有限公司", "××电子有限公司",
    "○○电子有限公司", "深圳XX科技股份有限公司", "深圳市大型电子厂", "宝安区知名电子厂",
    "宝安区沙井街道一家电子厂", "一家上市有限公司", "大型电子有限公司", "深圳市世界500强工厂", "深圳市五百强工厂",
    "福永镇食品厂（具体面谈）", "某电子有限公司", "深圳市某电子厂", "深圳市几家电子厂", "电子有限公司（不便透露）",
    "电子制造企业（宝安沙井）", "电子厂（宝安），报名时告知名称", "大型超市", "",
)  # fmt: skip
COMPANIES = (
    "深圳市示例电子有限公司", "示例电子有限责任公司", "示例科技股份有限公司", "示例速运有限公司深圳分公司",
    "示例百货有限公司(宝安店)", "深圳市示例电子有限公司（示例）",
)  # fmt: skip
# Who writes it down answers for it: 沙井镇电子厂 may be what stands on its sign, or anybody.
ESTABLISHMENTS = ("深圳市甲电子厂", "深圳市宝安区示例职业学校", "沙井镇电子厂")


@pytest.mark.parametrize("text", HIDDEN)
def test_what_hides_a_client_names_nobody(text: str) -> None:
    assert not names_a_firm(text)
    assert not names_a_company(text)


@pytest.mark.parametrize("text", COMPANIES)
def test_the_name_of_a_company_does(text: str) -> None:
    assert names_a_firm(text)
    assert names_a_company(text)


@pytest.mark.parametrize("text", ESTABLISHMENTS)
def test_a_place_and_a_trade_do_where_somebody_answers_for_it(text: str) -> None:
    assert names_a_firm(text)
    assert not names_a_company(text)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["深圳市大型电子厂", "XX电子有限公司", "沙井镇电子厂"])
def test_nobody_is_asked_in_public_to_agree_to_a_client_without_a_name(
    client: Client, text: str
) -> None:
    named, hidden = cast.job(client_name=COMPANIES[0]), cast.job(client_name=text)
    assert 'name="forward"' in client.get(f"/jobs/{named.pk}/apply/").text
    assert 'name="forward"' not in client.get(f"/jobs/{hidden.pk}/apply/").text


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["深圳市大型电子厂", "XX电子有限公司"])
def test_nor_is_such_a_consent_written_down(text: str) -> None:
    cast.notice("application", PrivacyNotice.Purpose.FORWARDING)
    lead = cast.application()
    with pytest.raises(ValidationError, match="全称"):
        record_consent(lead, text, "电话里同意", cast.amin())
    record_consent(lead, ESTABLISHMENTS[0], "电话里同意", cast.amin())
    assert [one.recipient for one in lead.consents.all()] == [ESTABLISHMENTS[0]]
