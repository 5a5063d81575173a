"""首次设置: what the owner of a new site still has to fill in, read off the data itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import reverse

from portal.cms.accounts import User
from portal.cms.site import SiteProfile
from portal.demo import content
from portal.demo.models import DemoItem
from staffing.models import Hotline, Licence

# Who may change the site's profile is its owner: superusers and the group 站长.
PERMISSION = "cms.change_siteprofile"
WORKING_LICENCES = (Licence.Kind.DISPATCH, Licence.Kind.HR_SERVICE)


@dataclass(frozen=True)
class Step:
    """One thing to set up; without a URL it is not this person's to do."""

    title: str
    advice: str
    url: str
    done: bool


@dataclass(frozen=True)
class Ownership:
    """Tells what the owner has put in from what the demo has, while that is on the site."""

    demo_loaded: bool

    @cached_property
    def demo_profile(self) -> dict[str, Any]:
        return content.read("content/site.toml")["profile"] if self.demo_loaded else {}

    def has_value(self, profile: SiteProfile, field: str) -> bool:
        """Whether a field says something that neither the default nor the demo said."""
        value = getattr(profile, field)
        default = getattr(SiteProfile(), field)
        return value not in ("", default, self.demo_profile.get(field))

    def has_row(self, item: Model | None) -> bool:
        """Whether there is an item, and not one of the demo's as it was loaded. Up to four queries."""
        if item is None or not self.demo_loaded:
            return item is not None
        kind = ContentType.objects.get_for_model(item)
        demo = DemoItem.objects.filter(content_type=kind, object_id=item.pk).first()
        return demo is None or not demo.untouched


def steps(user: User, profile: SiteProfile, *, demo_loaded: bool) -> list[Step]:
    """Return the steps while one of them is to do, and nothing after that or for anybody else.

    Two queries; while the demo content is on the site, a few more.
    """
    if not user.has_perm(PERMISSION):
        return []
    found = [
        *profile_steps(profile, Ownership(demo_loaded)),
        *staffing_steps(Ownership(demo_loaded)),
        demo_step(user, demo_loaded),
    ]
    return [] if all(step.done for step in found) else found


def profile_steps(profile: SiteProfile, owner: Ownership) -> list[Step]:
    url = reverse("admin:cms_siteprofile_changelist")
    return [
        Step(
            "网站名称",
            "显示在每页顶部、浏览器标签与搜索结果里。",
            f"{url}#id_name",
            owner.has_value(profile, "name"),
        ),
        Step(
            "标志",
            "一张方形图片，显示在每页左上角。",
            f"{url}#id_logo",
            owner.has_row(profile.logo),
        ),
        Step(
            "ICP 备案号",
            "须显示在每页底部并链接到工信部备案网站。",
            f"{url}#id_icp_number",
            owner.has_value(profile, "icp_number"),
        ),
    ]


def staffing_steps(owner: Ownership) -> list[Step]:
    primary = Hotline.objects.filter(primary=True).first()
    licences = Licence.objects.public().filter(kind__in=WORKING_LICENCES)
    return [
        Step(
            "客服热线",
            "显示在每页顶部，手机上可直接拨打。",
            reverse("admin:staffing_hotline_changelist"),
            owner.has_row(primary),
        ),
        Step(
            "许可证",
            "首页须公示劳务派遣经营许可证或人力资源服务许可证的编号。",
            reverse("admin:staffing_licence_changelist"),
            any(owner.has_row(licence) for licence in licences),
        ),
    ]


def demo_step(user: User, demo_loaded: bool) -> Step:
    return Step(
        "移除演示内容",
        "演示文章、岗位与公司信息都是虚构的，上线前请移除。"
        if user.is_superuser
        else "演示文章、岗位与公司信息都是虚构的，上线前请超级管理员移除。",
        reverse("admin:demo_remove") if user.is_superuser else "",
        not demo_loaded,
    )
