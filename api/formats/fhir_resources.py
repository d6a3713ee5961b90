"""Records as FHIR R5 resources. The codes are those of the specification's value sets; what has no element stands in a text."""

import re
from collections.abc import Sequence
from html import escape
from typing import Protocol

from api.formats import phrases
from api.library import wording
from api.library.exercise import Exercise
from api.library.exercise_draft import Contraindication, Judged, Recommendation
from api.library.pattern import Avoidance
from api.library.program import ProgramExercise
from api.library.questionnaire import Question, ScreeningForm
from api.library.record import Attribution, Code
from api.library.source import Source
from api.library.vocabulary import QuestionKind, SubjectKind

BASE = "urn:exercise-library"
Resource = dict[str, object]
_ICD = "http://hl7.org/fhir/sid/icd-10-cm"
_SYSTEMS = {"ICD-10-CM": _ICD}
ANSWERS = ("yes", "no", "unsure")


def address(kind: str, slug: str) -> str:
    """Give the canonical address of a resource, or of something that resources name."""
    return f"{BASE}:{kind}:{slug}"


class _Sourced(Protocol):
    @property
    def source(self) -> Attribution: ...


USED = f"{BASE}:StructureDefinition:clinical-use"
"""Names the extension by which a plan refers to what should be avoided beside it; FHIR has no element for that."""
USAGE = "http://terminology.hl7.org/CodeSystem/usage-context-type"
_STATUS = {"status": "draft"}
_LICENCE = {"publisher": "Exercise library", "copyright": "MIT licence; quotations belong to their authors."}


def activity(one: Exercise) -> Resource:
    """Write an exercise: what FHIR has no element for stands in its description."""
    steps = one.variant_name if isinstance(one, ProgramExercise) and one.variant_name else None
    return _header("ActivityDefinition", one.slug, one.name, reviewed=one.review is not None) | filled(
        description=_described(one, steps),
        usage=wording.DISCLAIMER,
        lastReviewDate=f"{one.review.at:%Y-%m-%d}" if one.review else None,
        reviewer=[{"name": one.review.by}] if one.review else None,
        relatedArtifact=[cited(source) for source in _sources_of(one)],
        kind="ServiceRequest",
        intent="option",
        code={"coding": [{"system": address("CodeSystem", "exercise"), "code": one.slug, "display": one.name}], "text": one.name},
        bodySite=[{"coding": [{"system": address("CodeSystem", "region"), "code": slug}]} for slug in one.regions],
    )


def plan(slug: str, title: str, description: str, actions: Sequence[Resource], *, reviewed: bool) -> Resource:
    """Write a plan of places, each of which offers one exercise or several."""
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/plan-definition-type", "code": "clinical-protocol"}]}
    return _header("PlanDefinition", slug, title, reviewed=reviewed) | filled(
        type=kind, description=description, usage=wording.DISCLAIMER, action=list(actions)
    )


def place(position: int, choices: Sequence[tuple[Judged, str, Recommendation | None]]) -> Resource:
    """Write a place: one of its choices is done, and who is named first comes first."""
    actions = [_choice(n, *choice) for n, choice in enumerate(choices, start=1)]
    return {
        "linkId": f"place-{position}",
        "prefix": str(position),
        "title": " or ".join(one.name for one, _, _ in choices),
        "groupingBehavior": "logical-group",
        "selectionBehavior": "exactly-one",
        "action": actions,
    }


def _choice(number: int, one: Judged, definition: str, how: Recommendation | None) -> Resource:
    note = ". ".join(part for part in ((how.intensity_note, how.note) if how else ()) if part)
    intensity = {"coding": [{"system": address("CodeSystem", "intensity"), "code": how.intensity}]} if how and how.intensity else None
    return filled(
        linkId=one.slug,
        prefix=str(number),
        title=one.name,
        description=note or None,
        code=intensity,
        documentation=[cited(how.source)] if how else None,
        definitionCanonical=definition,
    )


def intensity_of(one: ProgramExercise) -> Recommendation | None:
    """Give how it is recommended for all types together: the gentlest of them."""
    read = one.suitability
    mine = [how for how in one.recommendations if read and how.intensity == read.intensity]
    return next(iter(mine), None)


def uses(one: Judged) -> list[Resource]:
    """Write every verdict of an exercise, numbered."""
    whys: list[Recommendation | Contraindication] = [*one.recommendations, *one.contraindications]
    return [_use(one, n, why) for n, why in enumerate(whys, start=1)]


def _use(one: Judged, number: int, why: Recommendation | Contraindication) -> Resource:
    """Write one verdict: indicated or contraindicated for a type."""
    subject = {"subject": [{"reference": address("ActivityDefinition", one.slug), "display": one.name}]}
    if isinstance(why, Recommendation):
        told = ". ".join(part.rstrip(".") for part in (why.intensity_note, why.note, why.source.quote) if part)
        return _clinical_use("indication", identifier(one.slug, why.type, number), why.type, told, why.source) | subject
    via = f" ({why.via.kind.label.lower()} '{why.via.slug}')" if why.via else ""
    told = f"{why.reason}{via}" + (f" “{why.source.quote}”" if why.source.quote else "")
    return _clinical_use("contraindication", identifier(one.slug, why.type, number), why.type, told, why.source) | subject


def avoided(one: Avoidance, number: int) -> Resource:
    """Write what a type should avoid; of a way of moving the subject is the type's plan, which it would have to be kept out of."""
    quote = f" “{one.source.quote}”" if one.source.quote else ""
    told = f"{one.name}: {one.reason}{quote}"
    use = _clinical_use("contraindication", f"avoid-{number}", one.type, told, one.source)
    if one.kind is SubjectKind.EXERCISE:
        return use | {"subject": [{"reference": address("ActivityDefinition", one.slug), "display": one.name}]}
    pattern = {"identifier": [{"system": address("CodeSystem", "movement-pattern"), "value": one.slug}]}
    return use | pattern | {"subject": [{"reference": address("PlanDefinition", one.type), "display": one.name}]}


def _clinical_use(kind: str, id_: str, type_: str, told: str, source: Attribution) -> Resource:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(told, quote=False)} ({escape(source.slug)})</p></div>'
    return {
        "resourceType": "ClinicalUseDefinition",
        "id": id_,
        "text": {"status": "generated", "div": div},
        "type": kind,
        kind: {"diseaseSymptomProcedure": {"concept": dysfunction_type(type_)}},
    }


def dysfunction_type(slug: str, codes: Sequence[Code] = ()) -> Resource:
    """Name a type by our own code, and by those of classifications that fit."""
    ours = {"system": address("CodeSystem", "dysfunction-type"), "code": slug}
    mapped = [{"system": _SYSTEMS[one.system], "code": one.code, "display": one.display} for one in codes if one.system in _SYSTEMS]
    return {"coding": [ours, *mapped], "text": phrases.words(slug)}


def citation(one: Source) -> Resource:
    """Write a publication, with how sure we are of it."""
    located = [{"url": one.url}] if one.url else None
    doi = [{"system": "https://doi.org", "value": one.doi}] if one.doi else None
    artifact = filled(identifier=doi, title=[{"text": one.citation}], webLocation=located)
    note = "; ".join(part for part in (one.kind.label, one.certainty.label, one.note) if part)
    return _header("Citation", one.slug, one.citation, reviewed=False) | filled(description=note, citedArtifact=artifact)


def questionnaire_of(form: ScreeningForm) -> Resource:
    """Write the questions of a screening, each asked where the answers before it say so."""
    by_slug = {one.slug: one for one in form.questions}
    items = [_item(one, [by_slug[slug] for slug in one.asked_if if slug in by_slug]) for one in form.questions]
    return _header("Questionnaire", form.condition, f"Screening: {phrases.words(form.condition)}", reviewed=False) | {
        "subjectType": ["Patient"],
        "description": form.disclaimer,
        "item": items,
    }


def _item(one: Question, finding_out: Sequence[Question]) -> Resource:
    count = f" {one.at_least} or more of: {'; '.join(one.criteria)}" if one.criteria else ""
    told: Resource = {"linkId": _link(one), "text": one.question + count, "required": True}
    if one.kind is QuestionKind.SYMPTOMS:
        return told | {"type": "boolean"}
    system = address("CodeSystem", "answer")
    answers = [{"valueCoding": {"system": system, "code": word}} for word in ANSWERS]
    when = [
        {"question": _link(other), "operator": "=", "answerCoding": {"system": system, "code": word}}
        for other in finding_out
        for word in ("yes", "unsure")
    ]
    enabled = {"enableWhen": when, "enableBehavior": "any"} if when else {}
    return told | {"type": "coding", "answerConstraint": "optionsOnly", "answerOption": answers} | enabled


def _link(one: Question) -> str:
    return f"{one.kind}.{one.slug}"


# Elements.


def _header(kind: str, slug: str, title: str, *, reviewed: bool) -> Resource:
    name = "".join(part.capitalize() for part in re.split(r"[^a-z0-9]+", slug))
    named = {"name": f"E{name}"[:255]} if kind in ("ActivityDefinition", "PlanDefinition", "Questionnaire", "Citation") else {}
    head = {"resourceType": kind, "id": identifier(slug), "url": address(kind, slug), **named, "title": title}
    return {**head, **_STATUS, "experimental": not reviewed, **_LICENCE}


def identifier(*parts: object) -> str:
    """Give an id of at most 64 characters: of a long name its beginning, and a number that tells it apart."""
    name = "-".join(str(part) for part in parts)
    return name if len(name) <= 64 else f"{name[:48]}-{sum(ord(c) * 31**n for n, c in enumerate(name)) % 10**12}"  # noqa: PLR2004


def cited(source: Attribution) -> Resource:
    """Name a publication, with the clause that is quoted."""
    quote = {"citation": f"“{source.quote}”"} if source.quote else {}
    return {"type": "citation", "display": source.slug, **quote, "resource": address("Citation", source.slug)}


def _sources_of(one: Exercise) -> list[Attribution]:
    """Give each publication that an exercise names, with each clause of it, once."""
    parts: list[Sequence[_Sourced]] = [
        one.provenance,
        one.recommendations,
        one.contraindications,
        one.cautions,
        one.dosages,
        one.evidence,
    ]
    return list({(part.source.slug, part.source.quote): part.source for of_a_kind in parts for part in of_a_kind}.values())


def _described(one: Exercise, variant: str | None) -> str:
    """Tell in Markdown what FHIR has no element for: how it is done, what to mind, and how much others print."""
    parts = [
        one.summary,
        f"Done here: {variant}." if variant else None,
        f"Start: {one.start}" if one.start else None,
        "\n".join(f"{n}. {step}" for n, step in enumerate(one.steps, start=1)),
        f"Needs: {', '.join(map(phrases.words, one.equipment))}." if one.equipment else None,
        f"Helpful: {', '.join(map(phrases.words, one.helpful))}." if one.helpful else None,
        "\n".join(f"- Avoid for {phrases.words(w.type)}: {w.reason}" for w in one.contraindications),
        "\n".join(f"- {phrases.title(c.group)}: {c.action.label}. {c.text} ({c.source.slug})" for c in one.cautions),
        "\n".join(f"- Printed for {d.printed_for}: {phrases.dosage(d)} ({d.source.slug})" for d in one.dosages),
        *(f"Not cleared: it resembles {phrases.words(m.slug)}, {wording.NOT_CLEARED}" for m in one.possible_match),
        None if one.review else wording.NOT_REVIEWED,
    ]
    return "\n\n".join(part for part in parts if part)


def filled(**elements: object) -> Resource:
    """Leave out what is empty: FHIR has neither null nor empty lists."""
    return {name: value for name, value in elements.items() if value not in (None, [], "", {})}
