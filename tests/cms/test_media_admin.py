"""The media library in the admin: uploading, finding, moving, deleting; and the picture picker."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cabinet.models import Folder
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from portal.cms.accounts import User
from portal.cms.media.models import MediaFile
from tests import cast
from tests.cms import samples
from tests.desk.english import english_in

pytestmark = pytest.mark.django_db

LIBRARY = "/admin/cms/mediafile/"
UPLOAD = f"{LIBRARY}upload/"
PICTURES = f"{LIBRARY}pictures/"


@pytest.fixture
def chief(client: Client) -> Client:
    """老周, who may delete as well."""
    client.force_login(cast.laozhou())
    return client


def sent(content: bytes, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def texts(response: Any) -> str:
    return str(response.content.decode())


def messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def upload(client: Client, content: bytes, name: str, **fields: Any) -> Any:
    return client.post(UPLOAD, {"file": sent(content, name), **fields})


# --- Who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", [LIBRARY, f"{LIBRARY}add/", UPLOAD, PICTURES, f"{LIBRARY}folder/add/"]
)
def test_a_stranger_is_asked_to_sign_in(client: Client, url: str) -> None:
    response = client.get(url)

    assert response.status_code == 302
    assert "/login/" in response["Location"]


@pytest.mark.parametrize("url", [LIBRARY, f"{LIBRARY}add/", PICTURES])
def test_staff_without_rights_are_refused(client: Client, url: str) -> None:
    client.force_login(User.objects.create_user("xiaowang", is_staff=True))

    assert client.get(url).status_code == 403


def test_who_may_only_look_cannot_upload(client: Client) -> None:
    looker = User.objects.create_user("xiaowang", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_mediafile"))
    client.force_login(looker)

    assert upload(client, samples.jpeg(), "a.jpg").status_code == 403
    assert client.get(PICTURES).json()["may_upload"] is False
    assert not MediaFile.objects.exists()


# --- Uploading -------------------------------------------------------------------------------------


def test_the_drop_area_keeps_a_picture_in_its_folder(chief: Client) -> None:
    folder = Folder.objects.create(name="现场照片")

    response = upload(chief, samples.jpeg(), "厂门口.jpg", folder=folder.pk)

    file = MediaFile.objects.get()
    assert response.status_code == 200
    assert response.json()["pk"] == file.pk
    assert (file.title, file.folder) == ("厂门口", folder)
    assert LogEntry.objects.filter(object_id=str(file.pk)).exists()


def test_without_a_folder_it_is_kept_all_the_same(chief: Client) -> None:
    upload(chief, samples.PDF, "协议.pdf")

    assert str(MediaFile.objects.get().folder) == "未归类"


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"text", "文字.jpg", "内容不是图片"),
        (samples.png_of_100_megapixels(), "大图.png", "万像素"),
        (samples.SVG, "标志.svg", "只接受 JPG"),
        (b"", "空.jpg", "空"),
        (samples.jpeg()[:2000], "半张.jpg", "不完整"),
    ],
)
def test_the_drop_area_says_why_a_file_is_refused(
    chief: Client, content: bytes, name: str, reason: str
) -> None:
    response = upload(chief, content, name)

    assert response.status_code == 400
    assert reason in response.json()["error"]
    assert not MediaFile.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"file": "no file"}, {"folder": "x"}])
def test_an_upload_without_a_file_is_answered(chief: Client, fields: dict[str, str]) -> None:
    response = chief.post(UPLOAD, fields)

    assert response.status_code == 400
    assert response.json()["error"]


def test_opening_the_upload_address_leads_to_the_library(chief: Client) -> None:
    assert chief.get(UPLOAD)["Location"] == LIBRARY


def test_the_picker_uploads_a_picture_with_its_texts(chief: Client) -> None:
    fields = {"only_picture": "on", "image_alt_text": "厂门口", "caption": "图一"}

    picture = upload(chief, samples.png(), "截图.png", **fields).json()["picture"]

    file = MediaFile.objects.get()
    assert (file.image_alt_text, file.caption) == ("厂门口", "图一")
    assert picture == {
        "id": file.pk,
        "title": "截图",
        "alt": "厂门口",
        "caption": "图一",
        "src": file.image_file.url,
        "thumbnail": file.image_file.small,
        "width": 800,
        "height": 600,
    }


def test_the_picker_takes_no_documents(chief: Client) -> None:
    response = upload(chief, samples.PDF, "协议.pdf", only_picture="on")

    assert response.json() == {"error": "这里只能放图片：JPG、PNG、WebP 或 GIF。"}
    assert not MediaFile.objects.exists()


def test_the_form_adds_whatever_the_content_is(chief: Client) -> None:
    for content, name in ((samples.jpeg(), "车间.jpg"), (samples.office(), "合同.docx")):
        response = chief.post(f"{LIBRARY}add/", {"upload": sent(content, name)})
        assert response.status_code == 302

    document, picture = MediaFile.objects.order_by("title")
    assert (str(document), document.get_download_type()) == ("合同", "Word")
    assert (str(picture), picture.image_width) == ("车间", 800)


def test_the_form_says_why_a_file_is_refused_and_says_it_once(chief: Client) -> None:
    response = chief.post(f"{LIBRARY}add/", {"upload": sent(b"text", "文字.jpg")})

    errors = response.context["adminform"].form.errors
    assert response.status_code == 200
    assert errors == {"upload": ["“文字.jpg”的内容不是图片，与后缀 .jpg 不符，不能上传。"]}


def test_the_form_wants_a_file(chief: Client) -> None:
    response = chief.post(f"{LIBRARY}add/", {"title": "没有文件"})

    assert list(response.context["adminform"].form.errors) == ["upload"]


def fields_of(file: MediaFile, **changes: Any) -> dict[str, Any]:
    given = {
        "title": file.title,
        "folder": file.folder_id,
        "image_ppoi": file.image_ppoi,
        "image_alt_text": file.image_alt_text,
    }
    return {**given, **changes}


def test_a_picture_can_be_described_and_its_focal_point_set(chief: Client) -> None:
    file = samples.picture(size=(900, 300))
    before = file.image_file.square

    changes = fields_of(file, image_alt_text="厂门口", image_ppoi="0.900x0.100")
    response = chief.post(f"{LIBRARY}{file.pk}/change/", changes)

    assert response.status_code == 302
    file = MediaFile.objects.get()
    assert (file.image_alt_text, file.image_ppoi) == ("厂门口", "0.900x0.100")
    assert file.image_file.square != before
    assert file.image_file.storage.exists(file.image_file.square.removeprefix("/media/"))


@pytest.mark.parametrize("point", ["nanxnan", "5x5", "-1x0.5", "x", "0.5x0.5x0.5", "1e400x0"])
def test_a_focal_point_that_is_none_is_refused(chief: Client, point: str) -> None:
    file = samples.picture()

    response = chief.post(f"{LIBRARY}{file.pk}/change/", fields_of(file, image_ppoi=point))

    assert response.status_code == 200
    assert "image_ppoi" in response.context["adminform"].form.errors


def test_a_picture_is_replaced_by_a_picture_only(chief: Client) -> None:
    file = samples.picture()
    url = f"{LIBRARY}{file.pk}/change/"

    refused = chief.post(url, fields_of(file, image_file=sent(samples.PDF, "a.pdf")))
    assert "这里只能放图片" in str(refused.context["adminform"].form.errors)

    chief.post(url, fields_of(file, image_file=sent(samples.png((50, 40)), "新.png")))
    assert MediaFile.objects.get().image_width == 50


def test_a_file_cannot_be_taken_from_its_row(chief: Client) -> None:
    file = samples.picture()
    url = f"{LIBRARY}{file.pk}/change/"

    chief.post(url, {**fields_of(file), "image_file-clear": "on"})

    assert MediaFile.objects.get().image_file
    assert "image_file-clear" not in texts(chief.get(url))


# --- Finding ---------------------------------------------------------------------------------------


def test_the_top_shows_everything_and_a_folder_its_own(chief: Client) -> None:
    folder = Folder.objects.create(name="现场照片")
    inside, outside = samples.picture("里面.jpg", folder=folder), samples.picture("外面.jpg")

    assert set(chief.get(LIBRARY).context["cl"].result_list) == {inside, outside}
    found = chief.get(LIBRARY, {"folder__id__exact": folder.pk})
    assert list(found.context["cl"].result_list) == [inside]


@pytest.mark.parametrize(
    "query",
    [
        "q=厂门",
        "q=招牌",
        "q=图一",
        "q=作者授权",
        "q=%00",
        "folder__id__exact=x",
        "file_type=x",
        "p=x",
    ],
)
def test_files_are_found_by_their_words_and_odd_questions_answered(
    chief: Client, query: str
) -> None:
    file = samples.picture("厂门.jpg", image_alt_text="招牌", caption="图一", rights="作者授权")

    response = chief.get(f"{LIBRARY}?{query}", follow=True)

    assert response.status_code == 200
    assert file in list(response.context["cl"].result_list) or "%00" in query


@pytest.mark.parametrize("folder", ["last", "987654", "x", "9" * 40])
def test_a_popup_for_a_folder_that_is_none_shows_everything(chief: Client, folder: str) -> None:
    file = samples.picture()

    response = chief.get(LIBRARY, {"folder__id__exact": folder, "_popup": "1"}, follow=True)

    assert list(response.context["cl"].result_list) == [file]
    assert response.context["cl"].is_popup


def test_the_list_names_the_users(chief: Client) -> None:
    file = samples.picture()
    articles = [cast.article(f"文章{n}", cover=file) for n in range(3)]

    page = texts(chief.get(LIBRARY))

    assert f'<a href="/admin/articles/article/{articles[0].pk}/change/">文章《文章0》</a>' in page
    assert "等 3 处" in page
    change = texts(chief.get(f"{LIBRARY}{file.pk}/change/"))
    assert all(f"文章《文章{n}》" in change for n in range(3))


def test_only_what_a_person_may_open_is_linked(client: Client) -> None:
    client.force_login(cast.amin())
    file = samples.picture()
    article, service = cast.article("政策解读", cover=file), cast.service(cover=file)

    for page in (LIBRARY, f"{LIBRARY}{file.pk}/change/"):
        shown = texts(client.get(page))
        assert "文章《政策解读》" in shown
        assert f"/articles/article/{article.pk}/" not in shown
        assert f'<a href="/admin/staffing/service/{service.pk}/change/">' in shown


def test_the_list_asks_no_more_for_more_files(
    chief: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    chief.get(LIBRARY)  # content types are asked for once
    for _ in range(8):
        cast.article(cover=samples.picture())

    with django_assert_max_num_queries(26):
        chief.get(LIBRARY)


def test_a_description_of_script_is_shown_as_words(chief: Client) -> None:
    samples.picture(title="<script>alert(1)</script>", image_alt_text="<b>")

    page = texts(chief.get(LIBRARY))

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page


# --- Folders ---------------------------------------------------------------------------------------


def test_folders_are_made_renamed_and_deleted(chief: Client) -> None:
    chief.post(f"{LIBRARY}folder/add/", {"name": "现场"})
    folder = Folder.objects.get()
    url = f"{LIBRARY}folder/{folder.pk}/"

    assert "已保存文件夹“现场照片”。" in messages(
        chief.post(url, {"name": "现场照片"}, follow=True)
    )
    deleted = chief.post(url, {"name": "现场照片", "_delete_folder": "on"}, follow=True)

    assert "已删除文件夹“现场照片”。" in messages(deleted)
    assert not Folder.objects.exists()


def test_a_folder_with_files_is_not_deleted(chief: Client) -> None:
    file = samples.picture("厂门口.jpg")

    url = f"{LIBRARY}folder/{file.folder_id}/"
    response = chief.post(url, {"name": "未归类", "_delete_folder": "on"}, follow=True)

    assert "不能删除文件夹“未归类”" in messages(response)[0]
    assert MediaFile.objects.exists()


def test_files_are_moved(chief: Client) -> None:
    file = samples.picture()
    folder = Folder.objects.create(name="归档")

    action = {"action": "move_to_folder", "_selected_action": file.pk}
    form = chief.post(LIBRARY, action)
    moved = chief.post(form["Location"], {"files": file.pk, "folder": folder.pk}, follow=True)

    assert "已移动所选的文件。" in messages(moved)
    assert MediaFile.objects.get().folder == folder


# --- Deleting --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_file_in_use_is_not_deleted_and_says_where_it_is_used(chief: Client, method: str) -> None:
    file = samples.picture("车间.jpg")
    cast.page(body=f'<figure><img data-file="{file.pk}"></figure>')

    url = f"{LIBRARY}{file.pk}/delete/"
    response = getattr(chief, method)(url, {"post": "yes"}, follow=True)

    assert messages(response) == ["不能删除“车间”：它用在单页《关于我们》。请先在那里换掉它。"]
    assert MediaFile.objects.exists()


def test_several_at_once_are_deleted_only_if_none_is_in_use(chief: Client) -> None:
    used, free = samples.picture("用着.jpg"), samples.picture("闲着.jpg")
    cast.article("配图的文章", cover=used)
    action = {"action": "delete_selected", "post": "yes"}

    refused = chief.post(LIBRARY, {**action, "_selected_action": [used.pk, free.pk]}, follow=True)
    assert messages(refused) == ["不能删除“用着”：它用在文章《配图的文章》。请先在那里换掉它。"]
    assert MediaFile.objects.count() == 2

    chief.post(LIBRARY, {**action, "_selected_action": [free.pk]})
    assert list(MediaFile.objects.all()) == [used]


def test_a_file_of_nobody_is_deleted(chief: Client) -> None:
    file = samples.picture()

    chief.post(f"{LIBRARY}{file.pk}/delete/", {"post": "yes"})

    assert not MediaFile.objects.exists()


def test_who_may_not_delete_is_refused(client: Client) -> None:
    client.force_login(cast.xiaolin())
    file = samples.picture()
    cast.article(cover=file)

    assert client.post(f"{LIBRARY}{file.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_file_that_is_not_there_leads_home(chief: Client) -> None:
    assert chief.get(f"{LIBRARY}987654/delete/").status_code == 302
    assert chief.get(f"{LIBRARY}987654/change/").status_code == 302


# --- The picker --------------------------------------------------------------------------------------


def test_the_picker_lists_pictures_newest_first(chief: Client) -> None:
    first, second = samples.picture("一.jpg"), samples.picture("二.jpg")
    samples.document()

    answer = chief.get(PICTURES).json()

    assert [picture["id"] for picture in answer["pictures"]] == [second.pk, first.pk]
    assert answer["more"] is False
    assert answer["may_upload"] is True


def test_the_picker_looks_in_folders_and_for_words(chief: Client) -> None:
    above = Folder.objects.create(name="照片")
    below = Folder.objects.create(name="2026", parent=above)
    inside = samples.picture("车间.jpg", folder=below)
    outside = samples.picture("仓库.jpg")

    def ids(**query: Any) -> list[int]:
        return [p["id"] for p in chief.get(PICTURES, query).json()["pictures"]]

    assert ids(folder=below.pk) == [inside.pk]
    assert ids(q="仓库") == [outside.pk]
    assert ids(q="没有") == []
    assert ids(folder="x", q="车\x00间", page="-1") == [inside.pk]
    folders = chief.get(PICTURES).json()["folders"]
    assert {"id": below.pk, "name": "　2026"} in folders


def test_the_picker_goes_page_by_page(chief: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.cms.media.admin.PICTURES_A_PAGE", 2)
    pictures = [samples.picture() for _ in range(3)]

    first = chief.get(PICTURES).json()
    second = chief.get(PICTURES, {"page": 2}).json()

    assert [p["id"] for p in first["pictures"]] == [pictures[2].pk, pictures[1].pk]
    assert (first["more"], second["more"]) == (True, False)
    assert [p["id"] for p in second["pictures"]] == [pictures[0].pk]
    assert chief.get(PICTURES, {"page": "9" * 50}).json()["pictures"] == []


def test_the_picker_answers_questions_only(chief: Client) -> None:
    assert chief.post(PICTURES).status_code == 405


def test_a_form_shows_the_chosen_picture(client: Client) -> None:
    client.force_login(cast.laochen())
    file = samples.picture("标志.png")
    article = cast.article(cover=file)

    page = texts(client.get(f"/admin/articles/article/{article.pk}/change/"))

    assert file.image_file.small in page
    assert f'name="cover" value="{file.pk}"' in page
    assert "选择图片" in page
    assert "清除" in page


# --- Language --------------------------------------------------------------------------------------


def test_the_library_speaks_chinese(chief: Client) -> None:
    file = samples.picture("厂门口.jpg")
    document = samples.document("协议.pdf")
    pages = [
        LIBRARY,
        f"{LIBRARY}?_popup=1",
        f"{LIBRARY}?q=没有",
        f"{LIBRARY}?folder__id__exact={file.folder_id}",
        f"{LIBRARY}add/",
        f"{LIBRARY}{file.pk}/change/",
        f"{LIBRARY}{document.pk}/change/",
        f"{LIBRARY}{file.pk}/delete/",
        f"{LIBRARY}{file.pk}/history/",
        f"{LIBRARY}folder/add/",
        f"{LIBRARY}folder/{file.folder_id}/",
        f"{LIBRARY}folder/select/?files={file.pk}",
    ]

    for url in pages:
        response = chief.get(url)
        assert response.status_code == 200
        assert english_in(texts(response)) == [], url


def test_no_page_of_the_library_styles_or_scripts_in_place(chief: Client) -> None:
    file = samples.picture()
    page = texts(chief.get(f"{LIBRARY}{file.pk}/change/")) + texts(chief.get(LIBRARY))

    assert "style=" not in page
    assert "onclick" not in page


def test_a_refusal_is_readable_in_json(chief: Client) -> None:
    response = upload(chief, b"text", "文字.jpg")

    assert json.loads(response.content) == response.json()
    assert response["Content-Type"] == "application/json"
