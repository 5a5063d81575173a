"""The nightly look at all pages: what it reads, whose turn it is, and what it tells."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from portal.cms.engines import crawl
from portal.cms.engines.crawl import Crawl, chosen, counts
from portal.cms.engines.looking import look_at, own_link, read
from portal.cms.engines.models import CrawledPage
from portal.cms.redirects import remember
from portal.cms.redirects.models import MissedAddress
from tests import cast

PAGE = """<!doctype html><html><head><title>派遣 &amp; 外包_示例</title>
<meta name="description" content="一二三四五"></head>
<body><header><a href="/menu/">菜单</a></header><main><nav><a href="/">首页</a></nav>
<h1>标题</h1><a href="/a/#x">甲</a><a href="/a/">甲</a><a href="http://testserver/b/?kind=1">乙</a>
<a href="https://other.example/">外</a><a href="tel:110">打</a><img src="c.jpg" alt="">
<div class="section body"><p>正文<br>五字</p><img src="1.jpg" alt=""><img src="2.jpg" alt="图"></div>
<img src="3.jpg"></main><footer><a href="/foot/">脚</a></footer></body></html>"""


def row(path: str) -> CrawledPage:
    return CrawledPage.objects.get(path=path)


# --- Reading -------------------------------------------------------------------------------------------


def test_a_page_is_read_as_engines_read_it() -> None:
    look = read("/x/", PAGE.replace("http://testserver", settings.SITE_URL))
    assert (look.title, look.description_length, look.may_index) == ("派遣 & 外包_示例", 5, True)
    assert look.links == ["/", "/a/", "/b/?kind=1"]
    assert look.chrome == ["/menu/", "/foot/"]
    assert look.pictures_without_alt == 2, (
        "in the text without words, beside it without the attribute"
    )
    assert look.words == len("标题甲甲乙外打正文五字")
    assert not read("/x/", '<meta name="robots" content="noindex,follow">').may_index


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("/jobs/?kind=1#top", "/jobs/"),
        ("/articles/tag/招工/", "/articles/tag/%E6%8B%9B%E5%B7%A5/"),
        ("/?p=12", "/?p=12"),
        ("/?utm=1", "/"),
        ("/plus/view.php?aid=12", "/plus/view.php?aid=12"),
        ("/%D5%D0%C6%B8/1.html", "/%D5%D0%C6%B8/1.html"),
        ("/articles/tag/100%25/", "/articles/tag/100%25/"),
        ("/media/a.pdf?v=1", "/media/a.pdf"),
        ("//other.example/", ""),
        ("jobs/", ""),
        ("#top", ""),
        ("/admin/x/", ""),
    ],
)
def test_links_that_are_ours(href: str, path: str) -> None:
    assert own_link(href) == path


@pytest.mark.django_db
def test_the_look_is_nobodys_visit() -> None:
    assert look_at("/no/such/page/").status == 404
    assert not MissedAddress.objects.exists()
    home = look_at("/")
    assert home.status == 200
    assert home.title
    assert "/services/" in home.chrome


# --- Looking -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_links_that_lead_nowhere_and_those_that_lead_on() -> None:
    withdrawn = cast.hidden_articles()["withdrawn"].get_absolute_url()
    cast.redirect("/old.html", "/jobs/")
    links = [
        withdrawn,
        "/old.html",
        "/never/",
        "/articles/category/never/",
        "/media/no.pdf",
        "/jobs/",
    ]
    body = "".join(f'<p><a href="{link}">看</a></p>' for link in links)
    article = cast.article(body=body).get_absolute_url()
    Crawl().look([article])
    found = row(article)
    assert dict(found.broken) == {
        **dict.fromkeys(
            [withdrawn, "/never/", "/articles/category/never/", "/media/no.pdf"], "dead"
        ),
        "/old.html": "moved",
    }
    assert found.has_dead_links
    assert (found.status, found.words > 0, found.milliseconds >= 0) == (200, True, True)


@pytest.mark.django_db
def test_links_of_an_old_site_lead_on_as_visitors_find_it() -> None:
    goal = cast.article()
    service = cast.service("paiqian").get_absolute_url()
    links = ["/plus/view.php?aid=12", "/%D5%D0%C6%B8/1.html", service.rstrip("/"), "/jobs"]
    remember([(link, goal) for link in links[:2]], "old.example")
    links += ["/plus/view.php?aid=13", "/never", f"{service}?from=x"]
    body = "".join(f'<p><a href="{link}">看</a></p>' for link in links)
    article = cast.article(body=body).get_absolute_url()
    Crawl().look([service, article])
    assert dict(row(article).broken) == {
        **dict.fromkeys(links[:4], "moved"),
        **dict.fromkeys(links[4:6], "dead"),
    }
    assert row(service).is_linked


@pytest.mark.django_db
def test_a_page_that_mends_itself_is_forgotten_or_right_again() -> None:
    article = cast.article(body='<p><a href="/never/">看</a></p>')
    path = article.get_absolute_url()
    Crawl().look([path])
    article.body = "<p>没有链接</p>"
    article.save()
    Crawl().look([path])
    assert (row(path).broken, row(path).has_dead_links) == ([], False)
    article.indexable = False
    article.save()
    Crawl().look([path])
    assert not CrawledPage.objects.exists()


@pytest.mark.django_db
def test_a_page_that_fails_is_told_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    path = cast.article().get_absolute_url()

    def broken(path: str) -> object:
        if path == "/":
            raise ValueError(path)
        return look_at(path)

    monkeypatch.setattr(crawl, "look_at", broken)
    Crawl().look(["/", path])
    assert (row("/").status, row(path).status) == (500, 200)
    assert counts()["failed"] == 1


@pytest.mark.django_db
def test_who_is_new_or_changed_comes_first_and_nobody_twice() -> None:
    now = timezone.now()
    new, changed, seen = (cast.article().get_absolute_url() for _ in range(3))
    for entry in crawl.pages():
        if entry.path != new:
            at = now - timedelta(days=3650) if entry.path == changed else now
            CrawledPage.objects.create(path=entry.path, crawled_at=at)
    assert set(chosen(10, now)) == {new, changed}
    CrawledPage.objects.filter(path=seen).update(crawled_at=now - timedelta(hours=7))
    assert set(chosen(10, now)) == {new, changed, seen}
    assert len(chosen(1, now)) == 1


@pytest.mark.django_db
def test_a_night_ends_and_knows_what_nothing_links_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawl, "A_TURN", 3)
    page = cast.page("lonely", "孤岛").get_absolute_url()
    linked = cast.page("linked", "有人链").get_absolute_url()
    article = cast.article(body=f'<p><a href="{linked}">看</a></p>').get_absolute_url()
    night, now = Crawl(), timezone.now()
    turns = 1
    while night.step(now):
        turns += 1
    assert turns > 3
    assert [row(path).is_linked for path in (page, linked, article, "/")] == [
        False,
        True,
        True,
        True,
    ]
    assert Crawl().step(timezone.now()) is False, "all have been looked at"
    # Nothing links there any more.
    CrawledPage.objects.update(crawled_at=now - timedelta(days=1))
    CrawledPage.objects.filter(path=page).update(is_linked=True)
    while night.step(timezone.now()):
        pass
    assert not row(page).is_linked


@pytest.mark.django_db
def test_a_night_has_an_end_on_a_large_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawl, "MOST_A_NIGHT", 4)
    for _ in range(2):
        night = Crawl()
        while night.step(timezone.now()):
            pass
    assert CrawledPage.objects.count() == 4


@pytest.mark.django_db
def test_each_issue_is_counted() -> None:
    fine = {"words": 500, "description_length": 70, "is_linked": True}
    CrawledPage.objects.create(path="/1/", title="同名", **fine)
    CrawledPage.objects.create(path="/2/", title="同名", **fine)
    CrawledPage.objects.create(path="/3/", title="长" * 31, **fine)
    CrawledPage.objects.create(path="/4/", title="slow" * 20, milliseconds=501, **fine)
    CrawledPage.objects.create(path="/5/", title="空", description_length=0)
    CrawledPage.objects.create(path="/6/", title="图", pictures_without_alt=2, **fine)
    CrawledPage.objects.create(
        path="/7/", title="死", broken=[["/x/", "dead"]], has_dead_links=True, **fine
    )
    CrawledPage.objects.create(path="/8/", title="转", broken=[["/x/", "moved"]], **fine)
    assert counts() == {
        "all": 8, "failed": 0, "dead": 1, "moved": 1, "same": 2, "bare": 1, "thin": 1, "alone": 1,
        "alt": 1, "long": 1, "slow": 1,
    }  # fmt: skip
