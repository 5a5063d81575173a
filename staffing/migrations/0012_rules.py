"""Rules that forms and code have kept so far; from here on the database does."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

from portal.cms.live_data import demand

RATE_KIND = Q(kind__in=["pension", "medical", "maternity", "unemployment", "injury", "fund"])
JOB_KNOWN = Q(
    employer_type__in=["", "agency_dispatch", "agency_recruit", "own"],
    pay_unit__in=["", "hour", "day", "week", "month", "piece"],
)
LICENCE_KIND = Q(kind__in=["business", "dispatch", "hr_service", "hr_filing", "telecom", "other"])


class Migration(migrations.Migration):
    dependencies = [("staffing", "0011_search_fields")]

    operations = [
        demand("staffing", "contributionrate", RATE_KIND, "的项目不是系统认识的"),
        demand("staffing", "job", JOB_KNOWN, "的招聘方式或计薪单位不是系统认识的"),
        demand("staffing", "licence", LICENCE_KIND, "的证照类型不是系统认识的"),
        migrations.AddConstraint(
            model_name="contributionrate",
            constraint=models.CheckConstraint(
                name="staffing_contributionrate_kind",
                condition=RATE_KIND,
                violation_error_message="没有这个项目。",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                name="staffing_job_known",
                condition=JOB_KNOWN,
                violation_error_message="没有这种招聘方式或计薪单位。",
            ),
        ),
        migrations.AddConstraint(
            model_name="licence",
            constraint=models.CheckConstraint(
                name="staffing_licence_kind",
                condition=LICENCE_KIND,
                violation_error_message="没有这种证照。",
            ),
        ),
    ]
