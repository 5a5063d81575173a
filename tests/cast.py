"""The cast of every test: 编辑小林, 主编老周, 业务阿敏, 站长老陈, and the content they work on.

Builders save and return; what a test does not care about has a sensible value here.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from articles.models import Article, Author, Category
from portal.cms.accounts import User
from portal.cms.delivery.models import DeliveryTarget
from portal.cms.engines.models import Verification
from portal.cms.publishing import Status
from portal.cms.redirects.keys import key_of
from portal.cms.redirects.models import MissedAddress, Redirect
from portal.cms.site import Page, SiteProfile
from portal.districts.models import DistrictPage
from staffing.models import (
    Case,
    District,
    Enquiry,
    Form,
    Hotline,
    HotlineHours,
    Job,
    Licence,
    MinimumWage,
    PrivacyNotice,
    Service,
    SpecialDay,
    Ticket,
)

PASSWORD = "深圳-Test-2026"  # same for everybody; the hasher of the tests is a fast one
number = count(1)


def person(username: str, name: str, group: str) -> User:
    user, made = User.objects.get_or_create(
        username=username, defaults={"name": name, "is_staff": True}
    )
    if made:
        user.set_password(PASSWORD)
        user.save()
        user.groups.add(Group.objects.get(name=group))
    return user


def xiaolin() -> User:
    """编辑小林: writes articles; publishes them unless the site requires review."""
    return person("xiaolin", "小林", "编辑")


def laozhou() -> User:
    """主编老周: publishes what others wrote."""
    return person("laozhou", "老周", "主编")


def amin() -> User:
    """业务阿敏: services, hotline, jobs, licences; no articles."""
    return person("amin", "阿敏", "业务")


def laochen() -> User:
    """站长老陈: the owner; a superuser, as `make run` makes one."""
    user = person("laochen", "老陈", "站长")
    if not user.is_superuser:
        user.is_superuser = True
        user.save()
    return user


def profile(**fields: Any) -> SiteProfile:
    """The site's one profile, with these values."""
    return SiteProfile.objects.update_or_create(pk=1, defaults=fields)[0]


def category(slug: str = "policy", name: str = "用工政策") -> Category:
    return Category.objects.get_or_create(slug=slug, defaults={"name": name})[0]


def author(handle: str = "bianjibu", name: str = "编辑部") -> Author:
    return Author.objects.get_or_create(handle=handle, defaults={"name": name})[0]


def live(minutes_ago: float) -> dict[str, Any]:
    """The fields of an item that went live so long ago (a negative number: will go live)."""
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return {"status": Status.PUBLISHED, "go_live_at": at, "first_published_at": at}


def article(title: str = "", tags: tuple[str, ...] = (), **fields: Any) -> Article:
    """A published article, each a minute older than the one before, unless `fields` says otherwise."""
    n = next(number)
    made: Article = Article.objects.create(
        **{
            "title": title or f"派遣用工问答之{n}",
            "category": fields.pop("category", None) or category(),
            "author": fields.pop("author", None) or author(),
            "body": "<p>用工单位应当核对劳务派遣单位的经营许可证。</p>",
            **live(n),
            **fields,
        }
    )
    made.tags.add(*tags)
    return made


def draft(title: str = "还没有写完的草稿", **fields: Any) -> Article:
    return article(
        title, **{"status": Status.DRAFT, "go_live_at": None, "first_published_at": None, **fields}
    )


def hidden_articles() -> dict[str, Article]:
    """One article in each state that a stranger must not see."""
    past = timezone.now() - timedelta(minutes=1)
    return {
        "draft": draft("不公开的草稿"),
        "in_review": draft("不公开的待审稿", status=Status.IN_REVIEW),
        "scheduled": article("不公开的定时稿", **live(-60)),
        "expired": article("不公开的到期稿", **live(60), expire_at=past),
        "deleted": article("不公开的回收站稿", deleted_at=past),
        "withdrawn": article("不公开的下线稿", status=Status.WITHDRAWN),
    }


def page(slug: str = "about", title: str = "关于我们", **fields: Any) -> Page:
    return Page.objects.create(
        **{
            "slug": slug,
            "title": title,
            "body": "<p>我们在深圳做劳务派遣。</p>",
            **live(5),
            **fields,
        }
    )


def hotline(
    number: str = "+8675588828155", display: str = "0755-8882 8155", *, always: bool = False
) -> Hotline:
    """The number in the head of every page: answered in office hours, or `always`."""
    made = Hotline.objects.create(number=number, display=display, primary=True, on_holidays=always)
    day_and_night = {"last_day": 7, "opens": time(0), "closes": time(0)} if always else {}
    HotlineHours.objects.create(hotline=made, **day_and_night)
    return made


def licence(
    kind: str = Licence.Kind.DISPATCH, number: str = "示例0001号", **fields: Any
) -> Licence:
    return Licence.objects.create(kind=kind, number=number, **fields)


def district(slug: str = "baoan", name: str = "宝安区") -> District:
    more = {"name": name, "postal_code": "518100"}
    return District.objects.get_or_create(slug=slug, defaults=more)[0]


def service(slug: str = "dispatch", name: str = "劳务派遣", **fields: Any) -> Service:
    return Service.objects.create(
        **{
            "slug": slug,
            "name": name,
            "summary": "临时性、辅助性、替代性岗位的派遣用工。",
            "legal_model": Service.LegalModel.DISPATCH,
            "liability_text": "工伤由派遣单位申报，用工单位协助。",
            **live(5),
            **fields,
        }
    )


def job(title: str = "电子厂普工", **fields: Any) -> Job:
    """An open job that needs no licence and no papers of a client, unless `fields` says otherwise."""
    return Job.objects.create(
        **{
            "title": title,
            "kind": Job.Kind.TEMPORARY,
            "employer_type": Job.EmployerType.OWN,
            "hiring_org": "深圳市鹏聘人力资源有限公司（示例）",
            "client_name": "电子制造企业（宝安沙井）",
            "org_summary": "做手机配件，约八百人。",
            "headcount": 30,
            "duties": "流水线组装与检验。",
            "requirements": "年满 18 周岁，能适应两班倒。",
            "district": fields.pop("district", None) or district(),
            "address": "沙井街道（示例）",
            "pay_min": Decimal("23.50"),
            "pay_max": Decimal("25.00"),
            "hours_per_day": 8,
            "contract_form": "劳动合同",
            "valid_through": timezone.localdate() + timedelta(days=30),
            **live(5),
            **fields,
        }
    )


def case(slug: str = "peak-season", title: str = "旺季加两条线", **fields: Any) -> Case:
    """A case whose client has not been named."""
    return Case.objects.create(
        **{
            "slug": slug,
            "title": title,
            "industry": "电子制造",
            "summary": "订单提前三周，分四批到岗。",
            "body": "<p>先按直签人数算上限，再倒排到岗日期。</p>",
            **live(next(number)),
            **fields,
        }
    )


def district_page(slug: str = "baoan", name: str = "宝安区", **fields: Any) -> DistrictPage:
    """The page of a district, published; it is shown once there are jobs, or articles under its name."""
    return DistrictPage.objects.create(
        **{
            "district": district(slug, name),
            "slug": slug,
            "title": f"{name}用工与招工",
            "summary": f"{name}的厂区、班车和旺季。",
            "body": f"<p>{name}的电子厂集中在北边。{'晚班下班早于首班地铁，班车要排在前面。' * 20}</p>",
            **live(5),
            **fields,
        }
    )


def enquiry(name: str = "王女士", **fields: Any) -> Enquiry:
    """A company that wants thirty people, a minute after the lead before, from a number of its own."""
    n = next(number)
    return Enquiry.objects.create(
        **{
            "kind": Enquiry.Kind.COMPANY,
            "submission": f"提交{n}",
            "name": name,
            "company": "深圳市示例电子有限公司",
            "phone": f"+86138{n:08d}",
            "headcount": 30,
            "message": "旺季缺普工，两班倒。",
            "page": "/services/",
            "received_at": timezone.now() - timedelta(days=1) + timedelta(minutes=n),
            "keep_until": timezone.localdate() + timedelta(days=365),
            **fields,
        }
    )


def application(name: str = "小刘", **fields: Any) -> Enquiry:
    """Somebody of twenty-five applies for an open job."""
    return enquiry(
        name,
        **{
            "kind": Enquiry.Kind.APPLICATION,
            "company": "",
            "headcount": None,
            "message": "",
            "job": fields.pop("job", None) or job(),
            "birth_year": timezone.localdate().year - 25,
            **fields,
        },
    )


def ticket(statement: str = "这篇文章转载自我们的网站，没有授权。", **fields: Any) -> Ticket:
    """A request to take something down, due in two days."""
    return Ticket.objects.create(
        **{
            "kind": Ticket.Kind.TAKEDOWN,
            "submission": f"提交{next(number)}",
            "name": "赵先生",
            "organisation": "示例传媒",
            "email": "zhao@example.com",
            "statement": statement,
            "right": "著作权人",
            "due_on": timezone.localdate() + timedelta(days=2),
            "keep_until": timezone.localdate() + timedelta(days=1095),
            **fields,
        }
    )


def notice(
    form: str = Form.APPLICATION, purpose: str = PrivacyNotice.Purpose.HANDLING, **fields: Any
) -> PrivacyNotice:
    """The version a form shows, as the migration made it; with `fields`, the next one."""
    latest = PrivacyNotice.objects.current(Form(form), PrivacyNotice.Purpose(purpose))
    assert latest is not None
    if not fields:
        return latest
    changed = {"version": latest.version + 1, "title": latest.title, "text": latest.text, **fields}
    return PrivacyNotice.objects.create(form=form, purpose=purpose, **changed)


def wage(city: str = "深圳市", **fields: Any) -> MinimumWage:
    """What holds there from this year on: 2,600 a month, 24.50 an hour."""
    values = {"monthly": "2600.00", "hourly": "24.50", "checked_on": timezone.localdate(), **fields}
    start = values.pop("in_force_from", date(2026, 1, 1))
    return MinimumWage.objects.update_or_create(city=city, in_force_from=start, defaults=values)[0]


def special_day(day: date, kind: str = SpecialDay.Kind.REST, name: str = "国庆节") -> SpecialDay:
    """A day on which the country rests, or works instead of resting."""
    return SpecialDay.objects.create(day=day, kind=kind, name=name)


def redirect(old: str = "/news/12.html", target: str = "/articles/", **fields: Any) -> Redirect:
    """An old address, as somebody at the desk made it; with `item`, it leads there."""
    goal = {} if {"item", "code"} & fields.keys() else {"target": target}
    return Redirect.objects.create(old=old, **goal, **fields)


def missed(path: str = "/news/99.html", hits: int = 20, **fields: Any) -> MissedAddress:
    """An address that leads nowhere, asked for so often, the last time just now."""
    return MissedAddress.objects.create(path=path, key=key_of(path), hits=hits, **fields)


def verification(
    name: str = "baidu-site-verification", content: str = "codeva-示例", **fields: Any
) -> Verification:
    """What Baidu asks for on the front page."""
    engine = fields.pop("engine", Verification.Engine.BAIDU)
    return Verification.objects.create(engine=engine, name=name, content=content, **fields)


def push_target(kind: str = DeliveryTarget.Kind.BAIDU, **fields: Any) -> DeliveryTarget:
    """A search engine that wants to hear of what changes."""
    secrets = {"baidu": "ceshi12345678abc", "indexnow": "0123456789abcdef"}
    made = {"name": DeliveryTarget.Kind(kind).label, "address": "http://127.0.0.1:8000"}
    return DeliveryTarget.objects.create(kind=kind, secret=secrets[kind], **{**made, **fields})
