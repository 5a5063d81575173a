"""What the fields of one record in an export say."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2s
from urllib.parse import unquote

from django.utils import timezone

from portal.cms.publishing import Status
from portal.cms.redirects.keys import key_of
from portal.cms.richtext.scan import decode
from portal.cms.richtext.words import words_of
from portal.cms.times import YEARS
from portal.transfer.sources.records import Kind
from portal.transfer.sources.wordpress.shortcodes import Attached
from portal.transfer.sources.wordpress.wxr import Record

COVER = "_thumbnail_id"
ALT = "_wp_attachment_image_alt"
OLD_SLUG = "_wp_old_slug"
PRIMARY = ("_yoast_wpseo_primary_category", "rank_math_primary_category")
SEO_TITLE = ("_yoast_wpseo_title", "rank_math_title", "_aioseo_title", "_aioseop_title")
SEO_DESCRIPTION = (
    *("_yoast_wpseo_metadesc", "rank_math_description"),
    *("_aioseo_description", "_aioseop_description"),
)
BUILDER = "_elementor_edit_mode"
METAS = (COVER, ALT, OLD_SLUG, *PRIMARY, *SEO_TITLE, *SEO_DESCRIPTION, BUILDER)

KINDS: dict[str, Kind] = {"post": "article", "page": "page"}
# What else is in a file, in the words of WordPress's Chinese desk.
TYPES = {
    "attachment": "附件",
    "custom_css": "自定义样式",
    "customize_changeset": "主题设置",
    "nav_menu_item": "菜单项",
    "oembed_cache": "嵌入内容的缓存",
    "product": "商品",
    "revision": "修订版本",
    "shop_order": "订单",
    "wp_block": "可重用区块，内容已写入引用它的文章",
    "wp_global_styles": "主题样式",
    "wp_navigation": "导航菜单",
    "wp_template": "主题模板",
    "wp_template_part": "主题模板",
}
PRIVATE = "原来只有登录的人能看，存为草稿"
STATES: dict[str, tuple[Status, str]] = {
    "publish": (Status.PUBLISHED, ""),
    "future": (Status.PUBLISHED, ""),
    "draft": (Status.DRAFT, ""),
    "auto-draft": (Status.DRAFT, ""),
    "pending": (Status.IN_REVIEW, ""),
    "private": (Status.DRAFT, PRIVATE),
    "trash": (Status.DRAFT, ""),
}
UNFILED = frozenset({"uncategorized", "uncategorised", "未分类"})
NUMBERED = re.compile(r"[?&](?:p|page_id)=([0-9]{1,18})(?![0-9])")
YEAR = re.compile(r"(?<![0-9+-])[0-9]{4}(?![0-9])")

LONGEST_ADDRESS = 1000
# What is kept of the whole file is cut: it may have been written to fill the memory.
LONGEST_TERM = 200  # as in WordPress
LONGEST_ALT = 300


def plain(html: str) -> str:
    """Return the words of a title or another short text, in one line."""
    return " ".join(words_of(html).split())


def slug_of(written: str) -> str:
    """Return a slug or path as people read it: WordPress keeps Chinese as %e5%8a%b3."""
    written = decode(written).strip()
    try:
        text = unquote(written, errors="strict")
    except UnicodeDecodeError:  # cut in the middle of a character
        return written
    return text if text.isprintable() and set(text).isdisjoint("?#%\\") else written


def term_of(written: str) -> str:
    """Return the slug of a category or a tag."""
    return slug_of(written)[:LONGEST_TERM]


def named(html: str) -> str:
    """Return the name of one."""
    return plain(html)[:LONGEST_TERM]


def number(text: str) -> int:
    """Return an id; 0 where there is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def type_of(record: Record) -> str:
    return record.get("wp:post_type") or "post"


def is_public(record: Record) -> bool:
    """Whether an item had an address that somebody could open."""
    return record.get("wp:status") in {"publish", "private"}


def short_key(address: str) -> bytes:
    return bytes.fromhex(key_of(address))


def guid_of(address: str, id: int) -> str:
    """Return a guid's address, unless it names another item: an importer leaves it as it was."""
    named = NUMBERED.search(address)
    return "" if named and int(named[1]) != id else address


def id_of(record: Record) -> str:
    """Return what tells an item from all others, the same in the next export."""
    if id := number(record.get("wp:post_id")):
        return str(id)
    parts = [record.get(name) for name in ("link", "guid", "title", "wp:post_date")]
    if not any(parts):
        parts = [record.get("content:encoded")]
    return blake2s("\0".join(parts).encode(), digest_size=8).hexdigest()


def attached(record: Record) -> Attached:
    address = record.get("wp:attachment_url") or record.get("guid")
    caption = record.get("excerpt:encoded") or record.get("content:encoded")
    address = decode(address).strip()
    return Attached(
        address if len(address) <= LONGEST_ADDRESS else "",
        plain(first_meta(record, (ALT,)))[:LONGEST_ALT],
        plain(caption)[:LONGEST_TERM],
    )


def page_of_file(base: str, id: int) -> str:
    """Return the address of the page that shows an attachment."""
    return f"{base}/?attachment_id={id}"


def first_meta(record: Record, names: tuple[str, ...]) -> str:
    values = (value for name in names for value in record.metas.get(name, ()))
    return next((value for value in values if value.strip()), "")


def is_unfiled(slug: str, name: str) -> bool:
    return slug.lower() in UNFILED or name in UNFILED


def tags_of(record: Record) -> tuple[str, ...]:
    names = (plain(term.name) for term in record.terms if term.domain == "post_tag")
    return tuple(dict.fromkeys(filter(None, names)))


def reason_to_leave(record: Record) -> str:
    kind = type_of(record)
    if kind not in KINDS:
        return f"不是文章或页面：{TYPES.get(kind, kind[:40])}"
    if record.get("wp:status") == "inherit":
        return f"不是文章或页面：{TYPES['revision']}"
    says_nothing = not record.get("title") and not record.get("content:encoded")
    return "没有标题，也没有正文" if says_nothing else ""


def state_of(record: Record) -> tuple[Status, *tuple[str, ...]]:
    """Return the state, and what its owner should know of it."""
    written = record.get("wp:status")
    if written not in STATES:
        return (
            Status.DRAFT,
            f"状态“{written[:40]}”无法识别，存为草稿" if written else "没有状态，存为草稿",
        )
    state, note = STATES[written]
    notes = (note,) if note else ()
    if record.get("wp:post_password"):
        return Status.DRAFT, *notes, "原来凭密码才能看，存为草稿，密码没有带入"
    return state, *notes


def leftovers(record: Record) -> list[str]:
    """Return what belongs to the item and does not come along."""
    left = []
    if record.comments:
        left.append(f"{record.comments} 条评论没有带入")
    if first_meta(record, (BUILDER,)):
        left.append("用 Elementor 排的版，请核对版面")
    return left


# --- Moments -------------------------------------------------------------------------------------------


def date_of(record: Record) -> datetime | None:
    """Return when it was published: by the world's clock if the file says so, else by Shenzhen's."""
    return (
        moment(record.get("wp:post_date_gmt"), gmt=True)
        or moment(record.get("wp:post_date"))
        or mailed(record.get("pubDate"))
    )


def moment(text: str, *, gmt: bool = False) -> datetime | None:
    try:
        naive = datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:  # 0000-00-00 00:00:00, of drafts
        return None
    if naive.year not in YEARS:
        return None
    return naive.replace(tzinfo=UTC) if gmt else timezone.make_aware(naive)


def mailed(text: str) -> datetime | None:
    """Read a date as in mails; None where the year is none: WordPress writes drafts' as -0001."""
    if not YEAR.search(text):
        return None
    try:
        found = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware if aware.year in YEARS else None
