"""Jobs out of a sheet: what its rows would do to the jobs there are, and doing it.

    plan(sheet)            a `Planned` for every row, with what is wrong with it; writes nothing
    carry_out(planned, …)  make or change one job, in a transaction of its own

Nothing is published: new jobs are drafts, and what a row changes of a live job is its pending draft. A
row finds its job by 外部编号, or else by title, client, place and pay; so a sheet read twice does it once. Only
cells that are filled change something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction

from portal.cms.locking import lock
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.content import content_as_read, same
from portal.cms.revisions.models import Event
from portal.cms.sheets.reading import Sheet
from staffing.jobs.cells import Outcome, Planned, read_row
from staffing.models import District, Job

if TYPE_CHECKING:
    from portal.cms.accounts import User

MOST_ROWS: Final = 1000
NOTE: Final = "从表格导入"
# What a new job has even if nobody wrote it: readers are told so, and the rules go by it.
ASSUMED: Final = ("kind", "employer_type", "settlement", "lodging")
Key = tuple[Any, ...]


def plan(sheet: Sheet) -> list[Planned]:
    """Return what every row would do. Three queries, and a few for each row whose job is there."""
    districts = {}
    for district in District.objects.all():
        for name in (district.name, re.sub(r"(?:新区|区)$", "", district.name)):
            districts[name] = district
    planned = [read_row(number, row, districts) for number, row in sheet.rows]
    jobs, binned = known_jobs(planned)
    seen: dict[Key, int] = {}
    for one in planned:
        key = key_of(one.values)
        if one.outcome == Outcome.REFUSED:
            continue
        if key in seen:
            one.refuse(f"和第 {seen[key]} 行是同一个岗位。")
            continue
        seen[key] = one.row
        if key in binned:
            one.refuse("这个外部编号的岗位在回收站里，请先恢复。")
            continue
        job = jobs.get(key)
        if job is not None and is_another(job, one.values):
            one.refuse(
                f"外部编号“{job.external_id}”是另一个岗位“{job.title}”的，请换一个编号；"
                "就是这个岗位的，请写上它的用工单位。"
            )
            continue
        one.job = job
        rehearse(one)
    return planned


def known_jobs(planned: list[Planned]) -> tuple[dict[Key, Job], set[Key]]:
    """Return the jobs that rows may be about, by number and by what they say; and numbers in the bin."""
    numbers = {one.values["external_id"] for one in planned if one.values.get("external_id")}
    titles = {one.values["title"] for one in planned if one.values.get("title")}
    # Of several alike, the latest: it is the one somebody works on.
    alike = Job.objects.kept().filter(title__in=titles).order_by("pk")
    jobs = {what_tells_apart(vars(job)): job for job in alike}
    numbered = list(Job.objects.filter(external_id__in=numbers))
    jobs |= {(job.external_id,): job for job in numbered if job.deleted_at is None}
    return jobs, {(job.external_id,) for job in numbered if job.deleted_at is not None}


def key_of(values: Mapping[str, Any]) -> Key:
    """Return by what a row finds its job: the number, where there is one."""
    number = values.get("external_id")
    return (number,) if number else what_tells_apart(values)


def what_tells_apart(values: Mapping[str, Any]) -> Key:
    """Return what jobs without a number differ in; of a row's values, or of a job's columns."""
    district = values["district"].pk if "district" in values else values.get("district_id")
    names = ("title", "client_name", "address", "pay_min", "pay_max")
    known = tuple(values.get(name) or "" for name in names)
    return (*known, values.get("pay_unit") if values.get("pay_min") else "", district)


def is_another(job: Job, values: Mapping[str, Any]) -> bool:
    """Whether a number names a job that has nothing to do with the row: neither title nor client.

    The sheet of one client names none: then the title alone tells.
    """
    other_client = values.get("client_name", "") != job.client_name
    return other_client and values.get("title") != job.title


def rehearse(one: Planned) -> None:
    """Find out what a row would do, and whether its job can be stored so."""
    item = Job() if one.job is None else working(one.job)
    before = None if one.job is None else content_as_read(item)
    if item.filled_at is not None:
        one.notes.append("这个岗位已标记招满")
    put(item, one.values)
    try:
        # Constraints cost seven queries. Of those of a job, a row can only break that of age. And the
        # district has just been read.
        item.full_clean({"district"}, validate_constraints="age_min" in one.values)
    except ValidationError as error:
        one.refuse(*sentences(error))
        return
    if before is None:
        one.notes.extend(notes_on_new(item, one.values))
    elif same(before, content_as_read(item)):
        one.outcome = Outcome.UNCHANGED
    else:
        one.outcome = Outcome.CHANGED
        if one.job is not None and one.job.status == "published":
            one.notes.append("已发布：改动先存为草稿，发布后生效")


def notes_on_new(item: Job, values: Mapping[str, Any]) -> Iterator[str]:
    if missing := item.publish_errors():
        yield f"发布前还要填写或改正：{'、'.join(map(Job.label_of, missing))}"
    if unsaid := [name for name in ASSUMED if name not in values]:
        assumed = (
            f"{Job.label_of(name)}“{getattr(item, f'get_{name}_display')()}”" for name in unsaid
        )
        yield f"表格里没有写，先按这样填，请核对：{'、'.join(assumed)}"


def working(job: Job) -> Job:
    """Return a job, in memory, as the desk works on it: with its pending draft."""
    fresh: Job = Job._base_manager.get(pk=job.pk)
    drafts.show_pending(fresh, drafts.pending_of(fresh))
    return fresh


def put(item: Job, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(item, name, value)


def sentences(error: ValidationError) -> Iterator[str]:
    for name, messages in error.message_dict.items():
        label = "" if name == "__all__" else f"{Job.label_of(name)}："
        yield f"{label}{''.join(messages)}"


def carry_out(one: Planned, by: User) -> Job | None:
    """Do what was planned; return the job that was made or changed. In a transaction of its own.

    What has changed since the plan counts: the job is locked, and compared again; one that a colleague
    has made of the same sheet is not made twice. Raises ValidationError where it can no longer be stored.
    """
    if one.outcome not in (Outcome.NEW, Outcome.CHANGED):
        return None
    with transaction.atomic():
        if one.job is None:
            if key_of(one.values) in known_jobs([one])[0]:
                raise ValidationError("刚刚有同事存了这个岗位，请再导入一次。")
            item = Job(created_by=by, updated_by=by)
            put(item, one.values)
            item.full_clean(validate_constraints=False)  # the database does
            item.save()
            actions.record(item, Event.SAVED, by, note=NOTE)
            return item
        stored = lock(Job, one.job.pk)
        if stored is None or stored.deleted_at is not None:
            raise ValidationError("岗位刚刚被移走了。")
        changed = working(one.job)
        put(changed, one.values)
        actions.save(stored, content_as_read(changed), by, note=NOTE)
        return one.job
