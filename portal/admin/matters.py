"""What waits of the business and of the texts: each matter with its rows, in the order of the cards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from articles.models import Article
from portal.admin import kinds
from portal.admin.kinds import PUBLISHABLE, Matter, Moment, of
from portal.cms.accounts import User
from portal.cms.delivery.models import Delivery, DeliveryTarget
from portal.cms.engines import announcing
from portal.cms.engines.models import CrawledPage
from portal.cms.media.models import MediaFile
from portal.cms.publishing import Status
from portal.cms.redirects.models import MissedAddress
from portal.cms.search.models import SearchedQuery
from portal.cms.signing_in import second_factor
from portal.cms.tamper.models import OutsideHost
from staffing.models import (
    Case,
    ContributionRate,
    Enquiry,
    Faq,
    Job,
    Licence,
    MinimumWage,
    Service,
    Ticket,
)
from staffing.models.figures import CHECKED_WITHIN, Figure
from staffing.models.licence import RENEWAL_NOTICE

JOB_NOTICE = timedelta(days=3)
RECENT = timedelta(days=30)
DAY = timedelta(days=1)
# An address that was asked for so often is no slip of one visitor.
COMMON: Final = 10
# So long before the night erases them, leads that are still open are pointed at.
ERASING_NOTICE = timedelta(days=7)


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


def unplanned_leads(user: User, at: Moment) -> QuerySet[Any]:
    mine = Enquiry.objects.open().filter(owner=user, next_call_at=None)
    return mine.filter(received_at__lt=at.now - DAY)


def leads_to_be_erased(user: User, at: Moment) -> QuerySet[Any]:
    # As the index for them is written.
    kept = Enquiry.objects.open().filter(erased_at=None)
    return kept.filter(keep_until__lte=at.today + ERASING_NOTICE)


def due_tickets(user: User, at: Moment) -> QuerySet[Any]:
    return Ticket.objects.open().filter(due_on__lte=at.today)


def stuck_deliveries(user: User, at: Moment) -> QuerySet[Any]:
    # As the index for them is written. An address that an engine did not take is no message to anybody.
    stuck = Delivery.objects.filter(state__in=["unclear", "failed"])
    return stuck.exclude(topic=announcing.TOPIC)


def without_second_factor(user: User, at: Moment) -> QuerySet[Any]:
    return second_factor.lacking()


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


def refused_pushes(user: User, at: Moment) -> QuerySet[Any]:
    return DeliveryTarget.objects.filter(active=True).exclude(note="")


def common_misses(user: User, at: Moment) -> QuerySet[Any]:
    missed = MissedAddress.objects.filter(settled=False, hits__gte=COMMON)
    return missed.filter(last_at__gt=at.now - DAY)


def dead_links(user: User, at: Moment) -> QuerySet[Any]:
    return CrawledPage.objects.filter(has_dead_links=True)


def unknown_code(user: User, at: Moment) -> QuerySet[Any]:
    return OutsideHost.objects.waiting().code()


def unknown_links(user: User, at: Moment) -> QuerySet[Any]:
    return OutsideHost.objects.waiting().filter(kind=OutsideHost.Kind.LINK)


MATTERS: tuple[Matter, ...] = (
    Matter(
        "code",
        "页面里未经认可的外部代码",
        "不是自己人加上的，网站可能被人改动过：请尽快请技术人员检查。",
        OutsideHost,
        "cms.change_outsidehost",
        unknown_code,
    ),
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
        "unplanned",
        "我的线索中没有约下次联系的",
        "收到已超过一天；约好“下次联系”，或改状态。",
        Enquiry,
        "staffing.change_enquiry",
        unplanned_leads,
    ),
    Matter(
        "erasing",
        "7 天内到期清除、还没有关闭的线索",
        "到期当晚清除称呼和电话，之后联系不上；请尽快联系。",
        Enquiry,
        "staffing.change_enquiry",
        leads_to_be_erased,
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
    *(matter(model) for model in PUBLISHABLE for matter in (kinds.waiting, kinds.waiting_change)),
    *(matter(model) for model in PUBLISHABLE for matter in (kinds.returned, kinds.failed_change)),
    *(matter(model) for model in PUBLISHABLE for matter in (kinds.starting, kinds.ending)),
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
    *(matter(model) for model in PUBLISHABLE for matter in (kinds.own_change, kinds.own_drafts)),
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
        "push",
        "不再接收推送的搜索引擎",
        "看说明：配额用完的第二天继续，密钥不对的请改正。",
        DeliveryTarget,
        "cms.change_deliverytarget",
        refused_pushes,
    ),
    Matter(
        "dead",
        "有死链的页面",
        "改掉链接，或给旧网址建一个跳转。",
        CrawledPage,
        "cms.view_crawledpage",
        dead_links,
    ),
    Matter(
        "outside",
        "待核对的站外链接",
        "页面新链到的网站；是编辑加上的就认可，不是的请检查那一页。",
        OutsideHost,
        "cms.change_outsidehost",
        unknown_links,
    ),
    Matter(
        "factor",
        "没有设置两步验证的站长",
        "请他们尽快在“账号安全”里设置；到期后不设置就不能使用后台。",
        User,
        "cms.change_user",
        without_second_factor,
    ),
    Matter(
        "misses",
        "今天常有人访问、却打不开的网址",
        "建一个跳转，或标为“不再提示”。",
        MissedAddress,
        "cms.change_missedaddress",
        common_misses,
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
