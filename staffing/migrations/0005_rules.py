"""The rules and notices a site begins with, and one wage. From then on they are the owner's own.

The words are ours; what the law asks for is in them (个人信息保护法 §17, §23, §24). The wage is at second
hand: without a date of checking, so that the desk asks somebody to check it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import migrations

# Form → days of keeping, working days to an answer, how often a number may send it on a day. The notices
# below name the same days. Who looks for work tries several jobs.
POLICIES = {
    "company": (365, 1, 3),
    "call_back": (180, 1, 3),
    "application": (180, 2, 10),
    "complaint": (1095, 5, 3),
    "takedown": (1095, 2, 3),
}

# A dormitory, a shop's Wi-Fi or a mobile operator has one address for all who look for work there: so many
# an hour and a day.
SHARED = {
    form: {"per_address_hour": 30, "per_address_day": 200} for form in ("call_back", "application")
}

WHO = "处理者：{公司}。联系方式：{联系方式}。"
RIGHTS = """
您可以随时查询、复制、更正、补充、删除这些信息，要求我们解释处理规则，或撤回同意：请按上面的联系方式找我们。
撤回同意不影响撤回之前已经进行的处理。
"""
# `staffing.privacy.erasing.LEDGER`.
KEPT = "清除后三年内保留电话号码的加密标识，只用来证明已经清除，三年后一并删除。"
LOG = (
    "为证明您的同意，我们会一并记录同意的时间、告知的版本和提交时的网络地址，并与其他信息一起清除。"
    + KEPT
)
NOTED = "为证明您的同意，我们会一并记录提交的时间和告知的版本。" + KEPT
# What a lead holds besides what was typed.
CAME = (
    "同时记录您从本站哪个页面提交、最先打开的页面、从哪个网站来到本站（只记网站名），"
    "以及在本站搜索过的词，只用来了解哪些内容对访客有用；您的信息清除以后，这些只作统计。"
)
SENSITIVE = "请不要填写身份证号、银行账号、健康状况等敏感信息，我们在这里不需要。"

HANDLING = {
    "company": (
        "企业用工咨询的个人信息处理告知",
        f"""
{WHO}

我们收集您填写的公司名称、称呼、电话、用工需求和留言，只用于回复这次咨询、报价和后续联系；不用于其他目的，也不提供给第三方。{CAME}

公司名称、称呼和电话是必填项，没有它们我们无法回复；其余可以不填。{SENSITIVE}

信息自提交之日起保存 365 天，到期自动清除；已经签订合同的，合同资料按法律规定另行保存。{LOG}

{RIGHTS}
""",
    ),
    "call_back": (
        "请求回电的个人信息处理告知",
        f"""
{WHO}

我们收集您填写的称呼、电话和方便接听的时间，只用于给您回电话；不用于其他目的，也不提供给第三方。{CAME}

电话是必填项；其余可以不填。{SENSITIVE}

信息自提交之日起保存 180 天，到期自动清除。{LOG}

{RIGHTS}
""",
    ),
    "application": (
        "应聘报名的个人信息处理告知",
        f"""
{WHO}

我们收集您填写的称呼、电话、出生年份、所在区域、可到岗日期、住宿需要、工作经历，以及您自愿上传的简历，只用于判断您是否适合报名的岗位、与您联系和安排面试。出生年份用来核对是否达到法定就业年龄和岗位的年龄要求。{CAME}

称呼、电话和出生年份是必填项；其余可以不填。{SENSITIVE}报名和录用的任何环节，我们都不向求职者收取费用。

没有您的单独同意，我们不会把这些信息提供给用工单位。

信息自提交之日起保存 180 天，到期自动清除；被录用的，劳动合同资料按法律规定另行保存。{LOG}

{RIGHTS}
""",
    ),
    "complaint": (
        "投诉举报的个人信息处理告知",
        f"""
{WHO}

我们收集您填写的称呼、电话或邮箱、涉及的页面、情况说明，以及您上传的材料，只用于核实、处理和答复这次投诉；依法须向主管部门报告的除外，不提供给第三方，也不会告诉被投诉的一方。

电话和邮箱至少填一个，用来答复您；其余可以不填。{SENSITIVE}

信息自提交之日起保存 1095 天，以便查证处理经过，到期自动清除。{NOTED}

{RIGHTS}
""",
    ),
    "takedown": (
        "下架请求的个人信息处理告知",
        f"""
{WHO}

我们收集您填写的称呼、单位、电话或邮箱、涉及的页面、权利依据、情况说明，以及您上传的证明材料，只用于核实、处理和答复这次请求；需要与内容提供者核对时，只转告请求的内容，不转告您的联系方式。

电话和邮箱至少填一个，用来答复您；称呼和权利依据用来核实您的权利。{SENSITIVE}

信息自提交之日起保存 1095 天，以便查证处理经过，到期自动清除。{NOTED}

{RIGHTS}
""",
    ),
}

FORWARDING = (
    "向用工单位提供个人信息的单独告知",
    f"""
{WHO}

您单独同意后，我们会把您的称呼、电话、出生年份、工作经历和您上传的简历，以电子文件或当面的方式提供给{{用工单位}}，供其决定是否面试、录用。接收方的名称和联系方式会在提供之前告诉您。

接收方只能为这个目的使用；要改变目的或方式，须重新征得您的同意。

不同意不影响您报名，我们仍会与您联系。

{RIGHTS}
""",
)


def text(words: str) -> str:
    """Return the paragraphs without the line breaks of this file."""
    paragraphs = (paragraph.replace("\n", "") for paragraph in words.strip().split("\n\n"))
    return "\n\n".join(filter(None, paragraphs))


def add(apps: Any, schema_editor: Any) -> None:
    def model(name: str) -> Any:
        return apps.get_model("staffing", name)._default_manager.using(alias)

    alias = schema_editor.connection.alias
    for form, (days, reply, often) in POLICIES.items():
        rules = {"retention_days": days, "reply_working_days": reply, "per_phone_day": often}
        defaults = {**rules, **SHARED.get(form, {})}
        model("FormPolicy").get_or_create(form=form, defaults=defaults)
    notices = [(form, "handling", *words) for form, words in HANDLING.items()]
    for form, purpose, title, words in [*notices, ("application", "forwarding", *FORWARDING)]:
        model("PrivacyNotice").get_or_create(
            form=form,
            purpose=purpose,
            version=1,
            # Of old, so that it holds whatever day a test or a restored site thinks it is.
            defaults={"title": title, "text": text(words), "in_force_from": date(2026, 1, 1)},
        )
    model("MinimumWage").get_or_create(
        city="深圳市",
        in_force_from=date(2025, 3, 1),
        defaults={
            "monthly": Decimal(2520),
            "hourly": Decimal("23.7"),
            "source": "深圳市最低工资标准（2025 年调整）",
        },
    )


def keep(apps: Any, schema_editor: Any) -> None:
    """Leave the rows to 0003, which takes their tables along: by now the owner may have changed them."""


class Migration(migrations.Migration):
    dependencies = [("staffing", "0004_business")]

    operations = [migrations.RunPython(add, keep)]
