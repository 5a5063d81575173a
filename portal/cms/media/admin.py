"""The library in the admin, and what the picture picker asks of it."""

from __future__ import annotations

from typing import Any

from cabinet.base_admin import (
    FileAdminBase,
    FolderListFilter,
    IgnoreChangedDataErrorsForm,
    cabinet_querystring,
)
from cabinet.models import Folder
from django import forms
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.views.decorators.http import require_GET, require_POST

from portal.cms.admin.deleting import KeptWhileUsed
from portal.cms.admin.desk import DeskChangeList, DeskLists
from portal.cms.media import uses
from portal.cms.media.admission import ACCEPTED, Admitted, UploadError, admit
from portal.cms.media.fetching import FetchError, SpacerError, fetch_picture
from portal.cms.media.fields import admit_picture
from portal.cms.media.models import MediaFile
from portal.cms.media.uploads import default_folder, store
from portal.cms.media.widgets import FocalPointInput

PICTURES_A_PAGE = 24


class FolderFilter(FolderListFilter):
    """As in cabinet, but the top shows everything, newest first, and not nothing."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return super().queryset(request, queryset) if self.used_parameters else queryset


class Library(DeskChangeList):
    """The list, with the users of the files on the page: a fixed number of queries a page.

    Columns are not told who reads them, so each file is: some users are not this person's to see.
    """

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        found = uses.users(list(self.result_list))
        for file in self.result_list:
            file.users = found[file.pk]
            file.asked_by = request


class AddForm(forms.ModelForm):  # type: ignore[type-arg]
    """One field for whatever is uploaded: its content says what it is."""

    upload = forms.FileField(label="文件", help_text=f"{ACCEPTED}，不超过 20 MB。")
    folder = forms.ModelChoiceField(
        Folder.objects.all(), label="文件夹", required=False, help_text="留空则放进“未归类”。"
    )

    class Meta:
        model = MediaFile
        fields = ("folder", "title", "image_alt_text", "caption", "rights")

    def clean_folder(self) -> Folder:
        return self.cleaned_data["folder"] or default_folder()

    def clean_upload(self) -> Admitted:
        admitted = admit(self.cleaned_data["upload"])
        column = "image_file" if admitted.is_picture else "download_file"
        setattr(self.instance, column, admitted)
        return admitted


class ChangeForm(IgnoreChangedDataErrorsForm):
    """A file can be replaced, and not taken away: that is what deleting is for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column in MediaFile.FILE_FIELDS:
            if column in self.fields:
                self.fields[column].required = True
                self.fields[column].widget.is_required = True  # no box to clear it
        if "image_ppoi" in self.fields:
            self.fields["image_ppoi"].widget = FocalPointInput()


class UploadForm(forms.Form):
    """What the drop area and the picker send."""

    file = forms.FileField()
    folder = forms.ModelChoiceField(Folder.objects.all(), required=False)
    title = forms.CharField(max_length=120, required=False)
    image_alt_text = forms.CharField(max_length=300, required=False)
    caption = forms.CharField(max_length=200, required=False)
    only_picture = forms.BooleanField(required=False)


class FetchForm(forms.Form):
    """What the editor sends for a pasted picture that is elsewhere."""

    url = forms.CharField(max_length=4000)
    image_alt_text = forms.CharField(max_length=300, required=False)


@admin.register(MediaFile)
class MediaFileAdmin(KeptWhileUsed, DeskLists, FileAdminBase):
    """Folders and files; a file in use cannot be deleted, and says where it is used."""

    form = ChangeForm
    list_display = ("thumbnail", "name", "folder", "alt_text", "used_in", "added")
    list_display_links = ("thumbnail", "name")
    list_filter = (("folder", FolderFilter), *FileAdminBase.list_filter[1:])
    list_select_related = ("folder",)
    search_fields = ("title", "image_alt_text", "caption", "rights", "file_name")
    search_help_text = "按名称、替代文字、说明、来源查找"
    ordering = ("-created_at", "-pk")
    actions = ("move_to_folder", "delete_selected")

    @property
    def media(self) -> forms.Media:
        """Without cabinet's own script, which speaks English; ours does its work."""
        ours = forms.Media(
            css={"all": ["cabinet/cabinet.css", "cms/library.css"]},
            js=[Script("cms/library.js", type="module")],  # type: ignore[list-item]
        )
        media: forms.Media = super(FileAdminBase, self).media
        return media + ours

    def get_urls(self) -> list[Any]:
        pictures = self.admin_site.admin_view(require_GET(self.pictures))
        fetch = self.admin_site.admin_view(require_POST(self.fetch))
        return [
            path("pictures/", pictures, name="cms_mediafile_pictures"),
            path("fetch/", fetch, name="cms_mediafile_fetch"),
            *super().get_urls(),
        ]

    # --- The list --------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """A folder that is none (any more) leads to the top, and a popup stays one."""
        folder = request.GET.get("folder__id__exact")
        if folder and not (folder.isdecimal() and Folder.objects.filter(pk=folder).exists()):
            return HttpResponseRedirect(f"?{cabinet_querystring(request)}")
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Library

    @admin.display(description="预览")
    def thumbnail(self, file: MediaFile) -> SafeString:
        """The picture, which is a link: its alternative says which file the link leads to."""
        if file.image_file:
            return format_html(
                '<img class="library-thumbnail" src="{}" alt="{}">',
                file.image_file.small,
                str(file),
            )
        return format_html('<span class="library-document">{}</span>', file.get_download_type())

    @admin.display(description="名称", ordering="title")
    def name(self, file: MediaFile) -> SafeString:
        return format_html(
            "<span>{}</span><small>{}</small>", str(file), filesizeformat(file.file_size)
        )

    @admin.display(description="替代文字")
    def alt_text(self, file: MediaFile) -> str:
        return (file.image_alt_text or "未填写") if file.image_file else "—"

    @admin.display(description="用在哪里")
    def used_in(self, file: MediaFile) -> SafeString:
        users: list[models.Model] = file.users
        more = f"等 {len(users)} 处" if len(users) > 2 else ""
        return format_html("{}{}", self.linked(file, users[:2]) if users else "—", more)

    @admin.display(description="上传时间", ordering="created_at")
    def added(self, file: MediaFile) -> str:
        return date_format(localtime(file.created_at), "Y-m-d H:i")

    def linked(self, file: MediaFile, users: list[models.Model]) -> SafeString:
        """Name the users of a file, with links for whoever asked for it and may follow them."""
        return format_html_join("、", "{}", ((self.link(file.asked_by, user),) for user in users))

    def link(self, request: HttpRequest, user: models.Model) -> SafeString | str:
        """Return a link to the form of `user`; its name alone where this person may not open it."""
        try:
            model_admin = self.admin_site.get_model_admin(type(user))
        except NotRegistered:
            return called(user)
        if not model_admin.has_view_or_change_permission(request):
            return called(user)
        return format_html('<a href="{}">{}</a>', admin_url(user), called(user))

    # --- One file --------------------------------------------------------------------------------------

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any | None:
        """Return the file, which then knows who asked for it: read-only fields are not told."""
        file: Any | None = super().get_object(request, object_id, from_field)
        if file is not None:
            file.asked_by = request
        return file

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kw: Any
    ) -> Any:
        form = ChangeForm if obj else AddForm
        return super().get_form(request, obj, change, **{"form": form, **kw})

    def get_fieldsets(self, request: HttpRequest, obj: MediaFile | None = None) -> Any:
        about = ["title", "image_alt_text", "caption", "rights", "folder"]
        if obj is None:
            return [(None, {"fields": ["upload", *about]})]
        if obj.image_file:
            file = ["image_file", "image_ppoi"]
        else:
            file = ["download_file"]
            about = ["title", "rights", "folder"]
        return [(None, {"fields": [*file, *about]}), ("情况", {"fields": ["facts", "where_used"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("facts", "where_used") if obj else ()

    @admin.display(description="文件信息")
    def facts(self, file: MediaFile) -> str:
        size = filesizeformat(file.file_size)
        if file.image_file:
            return f"{file.image_width} × {file.image_height} 像素，{size}"
        return f"{file.get_download_type()} 文件，{size}"

    @admin.display(description="用在哪里")
    def where_used(self, file: MediaFile) -> SafeString | str:
        users = uses.users([file])[file.pk]
        return self.linked(file, users) if users else "还没有用在任何地方，可以删除。"

    # --- Deleting --------------------------------------------------------------------------------------

    def reasons_to_keep(self, rows: Any) -> list[str]:
        """Say of each file in use where it is used."""
        users = uses.users(rows)
        return [
            f"不能删除“{file}”：它用在{'、'.join(map(called, users[file.pk][:5]))}"
            + (f"等 {len(users[file.pk])} 处" if users[file.pk][5:] else "")
            + "。请先在那里换掉它。"
            for file in rows
            if users[file.pk]
        ]

    # --- Uploading and choosing --------------------------------------------------------------------------

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Take one file from the drop area or the picker; a refusal is a sentence to show."""
        if request.method != "POST":
            return redirect("admin:cms_mediafile_changelist")
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return refusal(form)
        fields = form.cleaned_data
        file, only_picture = fields.pop("file"), fields.pop("only_picture")
        try:
            media = store(admit_picture(file) if only_picture else file, **fields)
        except UploadError as refused:
            return JsonResponse({"error": refused.messages[0]}, status=400)
        self.log_addition(request, media, [{"added": {}}])
        answer = {"pk": media.pk, "name": str(media)}
        return JsonResponse(answer | ({"picture": as_choice(media)} if media.image_file else {}))

    def fetch(self, request: HttpRequest) -> JsonResponse:
        """Bring in one picture by its address, which takes seconds; answers as `upload` does."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = FetchForm(request.POST)
        if not form.is_valid():
            return refusal(form)
        url, alt = form.cleaned_data["url"], form.cleaned_data["image_alt_text"]
        try:
            media = fetch_picture(url, alt=alt)
        except FetchError as refused:
            # The editor drops a spacer without a word, instead of marking it as missing.
            spacer = isinstance(refused, SpacerError)
            return JsonResponse({"error": refused.messages[0], "spacer": spacer}, status=400)
        self.log_addition(request, media, [{"added": {}}])
        return JsonResponse({"pk": media.pk, "name": str(media), "picture": as_choice(media)})

    def pictures(self, request: HttpRequest) -> JsonResponse:
        """A page of pictures for the picker, newest first; three queries."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        wanted = request.GET.get("q", "").replace("\x00", "")
        folder, page = request.GET.get("folder", ""), request.GET.get("page", "")
        found = MediaFile.objects.exclude(image_file="").order_by(*self.ordering)
        found, _ = self.get_search_results(request, found, wanted)
        if folder.isdecimal():
            found = found.filter(folder=folder)
        first = (
            (min(int(page), 10_000) - 1) * PICTURES_A_PAGE if page.isdecimal() and int(page) else 0
        )
        shown = list(found[first : first + PICTURES_A_PAGE + 1])
        folders = Folder.objects.with_tree_fields()
        return JsonResponse(
            {
                "pictures": [as_choice(file) for file in shown[:PICTURES_A_PAGE]],
                "more": len(shown) > PICTURES_A_PAGE,
                "folders": [{"id": f.pk, "name": "　" * f.tree_depth + f.name} for f in folders],
                "may_upload": self.has_add_permission(request),
            }
        )


def refusal(form: forms.Form) -> JsonResponse:
    sentences = [str(error) for errors in form.errors.values() for error in errors]
    return JsonResponse({"error": " ".join(sentences)}, status=400)


def called(user: models.Model) -> str:
    return f"{user._meta.verbose_name}《{user}》"


def admin_url(user: models.Model) -> str:
    """Return where `user`, of a model that is in the admin, is edited."""
    return reverse(f"admin:{user._meta.app_label}_{user._meta.model_name}_change", args=[user.pk])


def as_choice(file: MediaFile) -> dict[str, Any]:
    return {
        "id": file.pk,
        "title": str(file),
        "alt": file.image_alt_text,
        "caption": file.caption,
        "src": file.image_file.url,
        "thumbnail": file.image_file.small,
        "width": file.image_width,
        "height": file.image_height,
    }
