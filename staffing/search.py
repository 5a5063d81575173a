"""How services and jobs are found."""

from __future__ import annotations

from collections.abc import Iterable

from portal.cms.richtext.words import words_of
from portal.cms.search.register import Part, Searchable, register
from staffing.models import Case, District, Faq, Job, Service


def lines(*texts: str | Iterable[str]) -> str:
    """Return texts and lists of texts as the paragraphs of one."""
    return "\n".join(text if isinstance(text, str) else "\n".join(text) for text in texts if text)


def text_of_service(service: Service) -> str:
    questions = [f"{faq.question}\n{faq.answer}" for faq in service.faqs.all()]
    return lines(
        service.summary, words_of(service.body), service.suitable, service.unsuitable,
        service.industries, service.price_note, service.fee_includes, service.replacement_policy,
        service.liability_text, service.invoice_text, service.contract_term, service.steps,
        service.documents, questions,
    )  # fmt: skip


def text_of_job(job: Job) -> str:
    district = job.district.name if job.district else ""
    return lines(
        f"{job.city}{district}{job.get_kind_display()}招聘", district, job.address, job.client_name,
        job.hiring_org, job.org_summary, job.duties, job.requirements, job.pay_conditions, job.shift,
        job.get_settlement_display(), job.get_lodging_display(), job.meals, job.transport,
        job.contract_form, job.social_insurance, job.education,
    )  # fmt: skip


def text_of_case(case: Case) -> str:
    """All but the client's name, which may have to go."""
    district = case.district.name if case.district else ""
    return lines(case.summary, words_of(case.body), case.industry, district)


register(
    Searchable(
        number=2,
        key="service",
        label="服务",
        model=Service,
        public=Service.objects.published,
        title=lambda service: service.name,
        text=text_of_service,
        parts=(Part(Faq, of_item="pk", of_row="service_id"),),
        prefetch=("faqs",),
    )
)
register(
    Searchable(
        number=3,
        key="job",
        label="正在招的岗位",
        model=Job,
        public=Job.objects.open,
        title=lambda job: job.title,
        text=text_of_job,
        parts=(Part(District, of_item="district", of_row="pk"),),
        prefetch=("district",),
    )
)
register(
    Searchable(
        number=5,
        key="case",
        label="案例",
        model=Case,
        public=Case.objects.published,
        title=lambda case: case.title,
        text=text_of_case,
        parts=(Part(District, of_item="district", of_row="pk"),),
        prefetch=("district",),
    )
)
