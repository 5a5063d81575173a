"""A small site with something of everything, for what takes all of it out and in again."""

from __future__ import annotations

import re
from datetime import date, timedelta

from cabinet.models import Folder
from django.test import Client
from django.utils import timezone
from taggit.models import Tag

from articles.models import Article, DailyReads, Ranking, TagEntry
from portal.cms import redirects
from portal.cms.engines.models import PublicAddress
from portal.cms.keywords.models import KeywordLink
from portal.cms.pagecache.epochs import clock
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.models import Revision
from portal.cms.search.models import IndexEntry, Synonyms, Texts, Titles
from portal.cms.site import HomeFact
from portal.demo.models import DemoItem
from portal.transfer.whole.carried import CARRIED
from staffing.models import ContributionRate, DailyCalls, Faq, Service
from tests import cast
from tests.cms import samples

LINK = re.compile(r'(?:href="|<loc>|<link>)(?:http://127\.0\.0\.1:\d+)?(/[^"#<]*)')
TOKEN = re.compile(r'name="(?:csrfmiddlewaretoken|submission|seal|token|opened)" value="[^"]*"')
FIRST = ("/", "/sitemap.xml", "/robots.txt", "/search/?q=派遣")
OLD = ("/news/7.html", "/list/2.html", "/shop/", "/articles/999/")
# Forms, and lists that are filtered: each page leads to one of its own.
MANY = re.compile(r"/static/|/enquiry/.*\?|/jobs/.*\?|/search/\?q=.*&")


def build() -> None:
    """One row, at least, of every model that an export carries."""
    folder = Folder.objects.create(name="厂区")
    picture = samples.picture(
        folder=folder, title="车间", caption="沙井车间", image_alt_text="流水线"
    )
    paper = samples.document()
    cast.verification()
    profile = cast.profile(name="鹏聘人力", tagline="深圳劳务派遣", logo=picture)
    HomeFact.objects.create(profile=profile, value="12 年", label="本地派遣")
    KeywordLink.objects.create(word="经营许可证", url="/licences/")
    Synonyms.objects.create(words="普工、操作工")
    district = cast.district()
    body = (
        f'<p>见<a href="/services/">服务</a>。</p><figure><img data-file="{picture.pk}"></figure>'
    )
    service = cast.service(cover=picture, required_licence=cast.licence(scan=picture), body=body)
    service.districts.add(district)
    Faq.objects.create(service=service, question="几天能到岗？", answer="三天。")
    cast.case(service=service, district=district)
    cast.job()
    cast.district_page()
    cast.hotline(always=True)
    cast.special_day(date(2026, 10, 1))
    cast.page(body=body)
    ContributionRate.objects.create(
        city="深圳市",
        kind=ContributionRate.Kind.choices[0][0],
        employer_percent="15.00",
        worker_percent="8.00",
        base_min="2360.00",
        base_max="26421.00",
        in_force_from=date(2026, 1, 1),
        checked_on=date(2026, 1, 1),
        source="示例",
    )
    for n in range(12):
        at = timezone.now() - timedelta(days=n, microseconds=n)
        article = cast.article(
            f"派遣用工问答之{n}：《暂行规定》第 {n} 条",
            tags=("派遣", "合规") if n % 2 else ("派遣",),
            cover=picture if n == 3 else None,
            body=body
            if n == 4
            else f"<p>第{n}问：用工单位应当核对许可证。</p><h2>依据</h2><p>略。</p>",
            go_live_at=at,
        )
        DailyReads.objects.create(article=article, day=timezone.localdate(), reads=n * 3)
    cast.draft()
    scheduled = cast.article("将来的一篇", **cast.live(-60))
    editor = cast.laozhou()
    actions.save(article, {**drafts.working_content(article), "summary": "改过的摘要"}, editor)
    redirects.remember([("/news/7.html", article), ("/list/2.html", "/articles/")], "old.example")
    cast.redirect("/shop/", code=410)
    PublicAddress.objects.create(path=scheduled.get_absolute_url(), stamp="1", item=scheduled)
    DailyCalls.objects.create(day=timezone.localdate(), page="/", count=3)
    DemoItem.remember(service)
    assert paper.download_file
    Ranking.refresh()


def crawl(client: Client) -> dict[str, bytes]:
    """Return all that a stranger is answered, by address: what is linked, the feeds, the sitemaps."""
    clock.reset()
    found: dict[str, bytes] = {}
    queue = [*FIRST, *OLD]
    while queue:
        url = queue.pop().replace("&amp;", "&")
        if url in found or MANY.match(url):
            continue
        response = client.get(url)
        content = b"".join(response) if response.streaming else response.content
        head = f"{response.status_code} {response.get('Location', '')}\n".encode()
        if url.startswith("/media/"):
            found[url] = head + content
            continue
        text = content.decode()
        found[url] = head + TOKEN.sub("", text).encode()
        queue += LINK.findall(text) + re.findall(r'src(?:set)?="(/media/[^" ]*)', text)
    return found


def pages() -> dict[str, bytes]:
    """Return what a stranger reads on one page of each kind: where `crawl` would take too long."""
    clock.reset()
    article, service = Article.objects.order_by("pk")[4], Service.objects.get()
    urls = ["/", "/articles/", "/search/?q=派遣", "/sitemap.xml", "/feed/", "/about/"]
    urls += [article.get_absolute_url(), service.get_absolute_url()]
    return {url: TOKEN.sub("", read(url)).encode() for url in urls}


def read(url: str) -> str:
    return Client().get(url, follow=True).content.decode()


def wipe() -> None:
    """Leave what a new site has: no content, nothing made of it."""
    for model in reversed(CARRIED):
        model._base_manager.all().delete()
    for made in (TagEntry, IndexEntry, Titles, Texts, Ranking):
        made._base_manager.all().delete()
    assert not Tag.objects.exists()
    assert not Revision.objects.exists()
