"""{% picture %}: the <img> of a library picture in a template."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.template import Context, Template
from pytest_django import DjangoAssertNumQueries

from portal.cms.media.models import MediaFile
from portal.cms.media.uploads import store
from tests.cms import samples

pytestmark = pytest.mark.django_db


def shown(file: MediaFile | None, arguments: str) -> str:
    template = Template("{% load media %}{% picture file " + arguments + " %}")
    return template.render(Context({"file": file}))


def attributes(html: str) -> dict[str, str]:
    assert html.startswith("<img ")
    return dict(re.findall(r'([\w-]+)="([^"]*)"', html))


def test_a_shape_has_one_file_and_its_measures() -> None:
    file = samples.picture(image_alt_text="车间")

    found = attributes(shown(file, '"card"'))

    assert found == {
        "src": file.image_file.card,
        "width": "640",
        "height": "400",
        "alt": "车间",
        "loading": "lazy",
        "decoding": "async",
    }


def test_a_whole_picture_offers_the_smaller_sizes_too() -> None:
    file = samples.picture(size=(2000, 1000))

    found = attributes(shown(file, '"large" sizes="50vw"'))

    image = file.image_file
    assert found["srcset"] == f"{image.small} 480w, {image.medium} 960w, {image.large} 1600w"
    assert (found["sizes"], found["width"], found["height"]) == ("50vw", "1600", "800")


def test_a_small_picture_offers_no_choice() -> None:
    found = attributes(shown(samples.picture(size=(300, 200)), '"large"'))

    assert "srcset" not in found
    assert "sizes" not in found
    assert (found["width"], found["height"]) == ("300", "200")


def test_a_picture_between_two_sizes_offers_itself_once() -> None:
    file = samples.picture(size=(900, 300))

    widths = re.findall(r" (\d+)w", attributes(shown(file, '"large"'))["srcset"])

    assert widths == ["480", "900"]


def test_the_picture_a_reader_waits_for_is_not_lazy() -> None:
    found = attributes(shown(samples.picture(), '"large" priority=True'))

    assert found["fetchpriority"] == "high"
    assert "loading" not in found
    assert "loading" not in attributes(shown(samples.picture(), '"card" lazy=False'))


def test_the_alternative_text_can_be_replaced_or_taken_away() -> None:
    file = samples.picture(image_alt_text="车间")

    assert attributes(shown(file, '"card" alt="封面"'))["alt"] == "封面"
    assert attributes(shown(file, '"card" alt=""'))["alt"] == ""


def test_what_an_editor_wrote_is_escaped() -> None:
    html = shown(samples.picture(image_alt_text='"><script>alert(1)</script>'), '"card"')

    assert "<script" not in html
    assert "&quot;&gt;&lt;script&gt;" in html


def test_an_animation_stays_one() -> None:
    file = store(samples.named(samples.gif(3), "动图.gif"))

    found = attributes(shown(file, '"small"'))

    assert found["src"] == file.image_file.url
    assert (found["width"], found["height"]) == ("60", "40")


@pytest.mark.parametrize("make", [lambda: None, samples.document])
def test_nothing_is_shown_for_what_is_no_picture(make: Any) -> None:
    assert shown(make(), '"card"') == ""


def test_a_size_that_is_none_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        shown(samples.picture(), '"huge"')


def test_no_query_for_a_loaded_file(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    file = samples.picture()

    with django_assert_num_queries(0):
        shown(file, '"large"')
