"""需要处理: what waits for a person, as counts on the desk page and as a filter of the lists.

A `Matter` says once which rows want attention. The card on the desk counts them and links to the
list, where `AttentionFilter` shows the same rows: the number and the list cannot disagree.

All matters are counted in one query, each in a column of its own (`RowCount`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.core import checks
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.delivery.models import Delivery, DeliveryTarget
from portal.cms.delivery.topics import subscribed_topics
from portal.cms.kinds import errors_unless_named
from portal.cms.media.models import MediaFile
from portal.cms.publishing import Publishable, PublishableQuerySet, State, Status
from portal.cms.review.rule import deciding_permission
from portal.cms.review.waiting import returned_to, with_draft
from portal.cms.revisions.models import PendingDraft
from portal.cms.rows import RowCount
from portal.cms.search.models import SearchedQuery
from portal.cms.site import Page
from portal.districts.models import DistrictPage
from staffing.models import (
    Case,
    ContributionRate,
    Enquiry,
    Faq,
    Hotline,
    Job,
    Licence,
    MinimumWage,
    PrivacyAct,
    Service,
    SpecialDay,
    Ticket,
)
from staffing.models.figures import CHECKED_WITHIN, Figure
from staffing.models.licence import RENEWAL_NOTICE
from staffing.privacy.watching import reading_many

# Cards stop counting here: “99+” says enough, and no count then reads a whole table.
MOST = 100
JOB_NOTICE = timedelta(days=3)
RECENT = timedelta(days=30)
DECEMBER = 12
# In the order of their cards; also what the calendar shows.
PUBLISHABLE: tuple[type[Publishable], ...] = (Article, Service, Case, Job, DistrictPage, Page)


@checks.register
def check_every_kind_has_cards(
    app_configs: Sequence[Any] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Without them, nobody is told on the desk that something of a kind waits or goes live."""
    hint = "Add it to PUBLISHABLE in portal/admin/attention.py."
    return errors_unless_named(PUBLISHABLE, "the desk shows nothing of it", hint, "portal.E002")


@dataclass(frozen=True)
class Moment:
    """The clock of one request, so that all matters look at the same instant (Asia/Shanghai)."""

    now: datetime
    today: date
    midnight: datetime

    @classmethod
    def current(cls) -> Moment:
        now = timezone.localtime()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(now, now.date(), midnight)


@dataclass(frozen=True)
class Matter:
    """One kind of thing that waits: its rows, for those who hold `permission`.

    `line` is for what is worth knowing and not pressing: a line below the cards, with the count in it.
    """

    key: str
    title: str
    advice: str
    model: type[Model]
    permission: str
    rows: Callable[[User, Moment], QuerySet[Any]]
    line: str = ""


@dataclass(frozen=True)
class Card:
    """One matter as the desk shows it: as a card, or as a line where there is one."""

    title: str
    advice: str
    count: str
    url: str
    line: str = ""


def own_drafts(model: type[Publishable]) -> Matter:
    name = model._meta.verbose_name
    return Matter(
        key="drafts",
        title=f"我的{name}草稿",
        advice="写完后发布，不要的移入回收站。",
        model=model,
        permission=permission("change", model),
        rows=lambda user, at: of(model).in_state(State.DRAFT).filter(created_by=user),
    )


def waiting(model: type[Publishable]) -> Matter:
    return Matter(
        key="review",
        title=f"待审{model._meta.verbose_name}",
        advice="看过后发布，或退回修改。",
        model=model,
        permission=deciding_permission(model),
        rows=lambda user, at: of(model).in_state(State.IN_REVIEW),
    )


def waiting_change(model: type[Publishable]) -> Matter:
    return Matter(
        key="change_review",
        title=f"待审的{model._meta.verbose_name}修改",
        advice="与线上版本对比后发布，或退回修改。",
        model=model,
        permission=deciding_permission(model),
        rows=lambda user, at: with_draft(of(model), Q(status=PendingDraft.Status.IN_REVIEW)),
    )


def failed_change(model: type[Publishable]) -> Matter:
    return Matter(
        key="change_failed",
        title=f"没有按时生效的{model._meta.verbose_name}修改",
        advice="打开看原因，改好后重新发布或定时。",
        model=model,
        permission=permission("publish", model),
        rows=lambda user, at: with_draft(of(model), ~Q(problem="")),
    )


def own_change(model: type[Publishable]) -> Matter:
    def rows(user: User, at: Moment) -> QuerySet[Any]:
        mine = Q(begun_by=user) | Q(updated_by=user)
        return with_draft(of(model), mine & Q(status=PendingDraft.Status.DRAFT))

    return Matter(
        key="changes",
        title=f"我未发布的{model._meta.verbose_name}修改",
        advice="改完后发布或提交审核，不要的就放弃修改。",
        model=model,
        permission=permission("change", model),
        rows=rows,
    )


def returned(model: type[Publishable]) -> Matter:
    return Matter(
        key="returned",
        title=f"退回给我的{model._meta.verbose_name}",
        advice="按意见改好后，重新提交审核。",
        model=model,
        permission=permission("change", model),
        rows=lambda user, at: returned_to(user, of(model)),
    )


def starting(model: type[Publishable]) -> Matter:
    return Matter(
        key="starting",
        title=f"今天定时上线的{model._meta.verbose_name}",
        advice="到点自动上线；时间不对请现在改。",
        model=model,
        permission=permission("change", model),
        rows=lambda user, at: (
            of(model).in_state(State.SCHEDULED, at.now).filter(go_live_at__lt=at.midnight)
        ),
    )


def ending(model: type[Publishable]) -> Matter:
    # Apart from `starting`: joined by «or», neither condition could use its index.
    return Matter(
        key="ending",
        title=f"今天到期下线的{model._meta.verbose_name}",
        advice="到点自动下线；还有用就延后“下线时间”。",
        model=model,
        permission=permission("change", model),
        rows=lambda user, at: of(model).published(at.now).filter(expire_at__lt=at.midnight),
    )


def permission(verb: str, model: type[Model]) -> str:
    return f"{model._meta.app_label}.{verb}_{model._meta.model_name}"


def of(model: type[Publishable]) -> PublishableQuerySet:
    """Return all rows of a model that can be published, hidden ones too: this is the editors' side."""
    rows: PublishableQuerySet = model._default_manager.all()
    return rows


def bare_articles(user: User, at: Moment) -> QuerySet[Any]:
    recent = of(Article).published(at.now).filter(go_live_at__gt=at.now - RECENT)
    return recent.filter(Q(summary="") | Q(cover=None))


def without_licence(user: User, at: Moment) -> QuerySet[Any]:
    services = of(Service).kept().exclude(legal_model=Service.LegalModel.OUTSOURCING)
    return services.exclude(status=Status.WITHDRAWN).filter(required_licence=None)


def with_old_price(user: User, at: Moment) -> QuerySet[Any]:
    return of(Service).published(at.now).filter(price_valid_until__lt=at.today)


def with_old_answers(user: User, at: Moment) -> QuerySet[Any]:
    due = Faq.objects.filter(review_due__lte=at.today)
    return of(Service).kept().filter(pk__in=due.values("service"))


def ending_licences(user: User, at: Moment) -> QuerySet[Any]:
    return Licence.objects.filter(valid_to__lte=at.today + RENEWAL_NOTICE)


def ending_consents(user: User, at: Moment) -> QuerySet[Any]:
    named = of(Case).kept().exclude(Q(client_name="") & Q(logo=None))
    return named.filter(permission_until__lte=at.today + RECENT)


def closing_jobs(user: User, at: Moment) -> QuerySet[Any]:
    return Job.objects.open().filter(valid_through__lte=at.today + JOB_NOTICE)


def unclaimed_leads(user: User, at: Moment) -> QuerySet[Any]:
    return Enquiry.objects.unclaimed()


def overdue_leads(user: User, at: Moment) -> QuerySet[Any]:
    return Enquiry.objects.due(at.now)


def own_leads_of_today(user: User, at: Moment) -> QuerySet[Any]:
    mine = Enquiry.objects.open().filter(owner=user)
    return mine.filter(next_call_at__gte=at.now, next_call_at__lt=at.midnight)


def due_tickets(user: User, at: Moment) -> QuerySet[Any]:
    return Ticket.objects.open().filter(due_on__lte=at.today)


def stuck_deliveries(user: User, at: Moment) -> QuerySet[Any]:
    # As the index for them is written.
    return Delivery.objects.filter(state__in=["unclear", "failed"])


def unchecked_wages(user: User, at: Moment) -> QuerySet[Any]:
    return unchecked(MinimumWage, at, city=OuterRef("city"))


def unchecked_rates(user: User, at: Moment) -> QuerySet[Any]:
    return unchecked(ContributionRate, at, city=OuterRef("city"), kind=OuterRef("kind"))


def unchecked(model: type[Figure], at: Moment, **same: OuterRef) -> QuerySet[Any]:
    """What holds today, or will: nobody has to check what was."""
    rows: QuerySet[Any] = model._default_manager.all()
    later = rows.filter(
        **same, in_force_from__gt=OuterRef("in_force_from"), in_force_from__lte=at.today
    )
    old = Q(checked_on=None) | Q(checked_on__lt=at.today - CHECKED_WITHIN)
    return rows.filter(old, ~Exists(later))


def pictures_without_words(user: User, at: Moment) -> QuerySet[Any]:
    pictures: QuerySet[Any] = MediaFile.objects.exclude(image_file="")
    return pictures.filter(image_alt_text="")


def missed_queries(user: User, at: Moment) -> QuerySet[Any]:
    return SearchedQuery.objects.filter(found=0, last_asked_at__gt=at.now - RECENT)


MATTERS: tuple[Matter, ...] = (
    Matter(
        "overdue",
        "逾期未联系的线索",
        "约好的时间已过；联系后改“下次联系”或状态。",
        Enquiry,
        "staffing.change_enquiry",
        overdue_leads,
    ),
    Matter(
        "unclaimed",
        "没有人认领的线索",
        "认领后尽快联系。",
        Enquiry,
        "staffing.change_enquiry",
        unclaimed_leads,
    ),
    Matter(
        "today",
        "今天要联系的线索",
        "由您负责、约在今天的。",
        Enquiry,
        "staffing.change_enquiry",
        own_leads_of_today,
    ),
    Matter(
        "due",
        "到期未答复的投诉与下架",
        "今天到期或已过期；作出处理并答复。",
        Ticket,
        "staffing.change_ticket",
        due_tickets,
    ),
    Matter(
        "stuck",
        "没有送达或不确定的外发",
        "看原因；不确定的先问收件人，再决定是否重发。",
        Delivery,
        "cms.change_delivery",
        stuck_deliveries,
    ),
    *(matter(model) for model in PUBLISHABLE for matter in (waiting, waiting_change)),
    *(matter(model) for model in PUBLISHABLE for matter in (returned, failed_change)),
    *(matter(model) for model in PUBLISHABLE for matter in (starting, ending)),
    Matter(
        "term",
        "已到期或 120 天内到期的证照",
        "劳务派遣经营许可证须在届满 60 日前申请延续。",
        Licence,
        "staffing.change_licence",
        ending_licences,
    ),
    Matter(
        "licence",
        "没有选“所需证照”的服务",
        "除业务外包外，服务页须写明所凭的证照。",
        Service,
        "staffing.change_service",
        without_licence,
    ),
    Matter(
        "price",
        "报价已过有效期的服务",
        "核对价格，改“报价有效至”。",
        Service,
        "staffing.change_service",
        with_old_price,
    ),
    Matter(
        "answers",
        "常见问题该复核的服务",
        "核对回答与法律依据，改“复核日期”。",
        Service,
        "staffing.change_service",
        with_old_answers,
    ),
    Matter(
        "consent",
        "客户同意已到期或 30 天内到期的案例",
        "续签书面同意；到期后页面自动隐去客户名称和标志。",
        Case,
        "staffing.change_case",
        ending_consents,
    ),
    Matter(
        "closing",
        "3 天内截止的岗位",
        "还招人就延长“招聘截止”。",
        Job,
        "staffing.change_job",
        closing_jobs,
    ),
    Matter(
        "wage",
        "待核对的最低工资标准",
        "与发文机关公布的数额核对，填写“核对日期”。岗位的薪酬按它检查。",
        MinimumWage,
        "staffing.change_minimumwage",
        unchecked_wages,
    ),
    Matter(
        "rate",
        "待核对的社保公积金费率",
        "与主管部门公布的费率和缴费基数核对，填写“核对日期”。用工成本估算按它计算。",
        ContributionRate,
        "staffing.change_contributionrate",
        unchecked_rates,
    ),
    *(matter(model) for model in PUBLISHABLE for matter in (own_change, own_drafts)),
    Matter(
        "bare",
        "缺摘要或封面的文章",
        "近 30 天发布的；列表和搜索结果会用到。",
        Article,
        "articles.change_article",
        bare_articles,
    ),
    Matter(
        "alt",
        "缺替代文字的图片",
        "替代文字供读屏软件与搜索引擎使用。",
        MediaFile,
        "cms.change_mediafile",
        pictures_without_words,
    ),
    Matter(
        "missed",
        "近 30 天没有找到内容的搜索词",
        "补一篇文章，或加一组同义词。",
        SearchedQuery,
        "cms.view_searchedquery",
        missed_queries,
        line="最近有 {} 个搜索词没有找到内容",
    ),
)


def matters_for(user: User) -> list[Matter]:
    """Return the matters that are this person's; no query once their rights are known.

    A card leads to a list: what has none yet has no card.
    """
    return [
        matter
        for matter in MATTERS
        if user.has_perm(matter.permission) and admin.site.is_registered(matter.model)
    ]


def cards(user: User) -> list[Card]:
    """Return what waits for this person, most pressing first; five queries, and one more where somebody read many numbers."""
    return [
        *missing_hotline(user),
        *missing_target(user),
        *reading_many_numbers(user),
        *missing_calendar(user),
        *waiting_rows(user),
    ]


def waiting_rows(user: User) -> Iterator[Card]:
    at, matters = Moment.current(), matters_for(user)
    if not matters:
        return
    found = (matter.rows(user, at).order_by().values("pk")[:MOST] for matter in matters)
    counts = User.objects.filter(pk=user.pk).values_list(*map(RowCount, found)).get()
    for matter, count in zip(matters, counts, strict=True):
        if count:
            shown = f"{MOST - 1}+" if count == MOST else str(count)
            yield Card(
                title=matter.title,
                advice=matter.advice,
                count=shown,
                url=f"{list_url(matter.model)}?{AttentionFilter.parameter_name}={matter.key}",
                line=matter.line.format(shown),
            )


def missing_hotline(user: User) -> Iterator[Card]:
    """Something that is not there has no rows to list; the card leads to where it can be made."""
    if not user.has_perm("staffing.change_hotline"):
        return
    if not Hotline.objects.filter(primary=True).exists():
        yield Card(
            title="没有主热线",
            advice="每页顶部都留着它的位置；请添加号码，或把一个号码设为主热线。",
            count="!",
            url=list_url(Hotline),
        )


def missing_target(user: User) -> Iterator[Card]:
    """Without one, a lead waits until somebody happens to look at the desk."""
    if not user.has_perm("cms.change_deliverytarget"):
        return
    told = [key for target in DeliveryTarget.objects.filter(active=True) for key in target.topics]
    untold = [topic.label for topic in subscribed_topics() if topic.key not in told]
    if untold:
        yield Card(
            title="没有通知对象接收的消息",
            advice=f"{'、'.join(untold)}：不会通知任何人。请添加邮箱或群机器人，勾选并启用。",
            count=str(len(untold)),
            url=list_url(DeliveryTarget),
        )


def reading_many_numbers(user: User) -> Iterator[Card]:
    """For the owner: who has read more numbers today than work asks for."""
    if not user.has_perm("staffing.view_privacyact"):
        return
    if readers := reading_many():
        told = "、".join(f"{reader.name} {reader.numbers} 个" for reader in readers)
        yield Card(
            title="今天查看完整号码很多的人",
            advice=f"{told}，查看、下载或导出的；请问问原因。",
            count=str(len(readers)),
            url=list_url(PrivacyAct),
        )


def missing_calendar(user: User) -> Iterator[Card]:
    """In December the make-up days of the next year have long been announced; no query before."""
    today = timezone.localdate()
    if today.month < DECEMBER or not user.has_perm("staffing.change_specialday"):
        return
    made_up = SpecialDay.objects.filter(day__year=today.year + 1, kind=SpecialDay.Kind.WORK)
    if not made_up.exists():
        yield Card(
            title=f"{today.year + 1} 年的调休还没有录入",
            advice="按国务院办公厅的通知添加“调休上班”的日子，热线的接听时间才对。",
            count="!",
            url=list_url(SpecialDay),
        )


def list_url(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


class AttentionFilter(admin.SimpleListFilter):
    """The matters of one model as a filter of its list. `PortalAdminSite` adds it to every list."""

    title = "需要处理"
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(matter.key, matter.title) for matter in self.matters(request, model_admin.model)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for matter in self.matters(request, queryset.model):
            if matter.key == self.value():
                rows = matter.rows(request.user, Moment.current())  # type: ignore[arg-type]
                return queryset.filter(pk__in=rows.order_by().values("pk"))
        return queryset

    @staticmethod
    def matters(request: HttpRequest, model: type[Model]) -> list[Matter]:
        people_only: Any = request.user
        return [matter for matter in matters_for(people_only) if matter.model is model]
