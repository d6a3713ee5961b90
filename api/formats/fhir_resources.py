"""Records as FHIR R5 resources. The codes are those of the specification's value sets; what has no element stands in a text."""

import re
from collections.abc import Sequence
from html import escape
from typing import Protocol

from api.formats import phrases
from api.library import wording
from api.library.exercise import Exercise
from api.library.exercise_draft import Caution, Contraindication, Dosage, Judged, Recommendation
from api.library.pattern import Avoidance
from api.library.program import ProgramExercise
from api.library.questionnaire import Question, ScreeningForm
from api.library.record import Attribution, Code
from api.library.source import Source
from api.library.vocabulary import Action, QuestionKind, SubjectKind

BASE = "urn:exercise-library"
Resource = dict[str, object]
_SYSTEMS = {"ICD-10-CM": "http://hl7.org/fhir/sid/icd-10-cm"}
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
_LONGEST_ID = 64
_LICENCE = {"publisher": "Exercise library", "copyright": "MIT licence; quotations belong to their authors."}


def activity(exercise: Exercise) -> Resource:
    """Write an exercise: what FHIR has no element for stands in its description."""
    return _header("ActivityDefinition", exercise.slug, exercise.name, reviewed=exercise.review is not None) | filled(
        description=_described(exercise),
        usage=wording.DISCLAIMER,
        lastReviewDate=f"{exercise.review.at:%Y-%m-%d}" if exercise.review else None,
        reviewer=[{"name": exercise.review.by}] if exercise.review else None,
        relatedArtifact=[cited(source) for source in _sources_of(exercise)],
        kind="ServiceRequest",
        intent="option",
        code={
            "coding": [{"system": address("CodeSystem", "exercise"), "code": exercise.slug, "display": exercise.name}],
            "text": exercise.name,
        },
        bodySite=[{"coding": [{"system": address("CodeSystem", "region"), "code": slug}]} for slug in exercise.regions],
    )


def plan(slug: str, title: str, description: str, actions: Sequence[Resource]) -> Resource:
    """Write a plan of places, each of which offers one exercise or several."""
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/plan-definition-type", "code": "clinical-protocol"}]}
    return _header("PlanDefinition", slug, title) | filled(
        type=kind, description=description, usage=wording.DISCLAIMER, action=list(actions)
    )


def place(position: int, choices: Sequence[tuple[Judged, str, Recommendation | None]]) -> Resource:
    """Write a place: one of its choices is to be done; the first-named comes first."""
    actions = [_choice(n, *choice) for n, choice in enumerate(choices, start=1)]
    return {
        "linkId": f"place-{position}",
        "prefix": str(position),
        "title": " or ".join(offered.name for offered, _, _ in choices),
        "groupingBehavior": "logical-group",
        "selectionBehavior": "exactly-one",
        "action": actions,
    }


def _choice(number: int, exercise: Judged, definition: str, how: Recommendation | None) -> Resource:
    note = ". ".join(part for part in ((how.intensity_note, how.note) if how else ()) if part)
    intensity = {"coding": [{"system": address("CodeSystem", "intensity"), "code": how.intensity}]} if how and how.intensity else None
    return filled(
        linkId=exercise.slug,
        prefix=str(number),
        title=exercise.name,
        description=note or None,
        code=intensity,
        documentation=[cited(how.source)] if how else None,
        definitionCanonical=definition,
    )


def uses(exercise: Judged) -> list[Resource]:
    """Write every verdict of an exercise, numbered."""
    whys: list[Recommendation | Contraindication] = [*exercise.recommendations, *exercise.contraindications]
    subject = _subject("ActivityDefinition", exercise.slug, exercise.name)
    return [_use(identifier(exercise.slug, why.type, n), why) | subject for n, why in enumerate(whys, start=1)]


def _use(id_: str, why: Recommendation | Contraindication) -> Resource:
    """Write one verdict: indicated or contraindicated for a type."""
    if isinstance(why, Recommendation):
        told = ". ".join(part.rstrip(".") for part in (why.intensity_note, why.note, why.source.quote) if part)
        return _clinical_use("indication", id_, why, told)
    via = f" ({why.via.kind.label.lower()} '{why.via.slug}')" if why.via else ""
    return _clinical_use("contraindication", id_, why, f"{why.reason}{via}{_quoted(why.source)}")


def avoided(avoidance: Avoidance, id_: str) -> Resource:
    """Write what a type should avoid. The subject of a movement pattern is the type's plan, from which it must stay out."""
    use = _clinical_use("contraindication", id_, avoidance, f"{avoidance.name}: {avoidance.reason}{_quoted(avoidance.source)}")
    if avoidance.kind is SubjectKind.EXERCISE:
        return use | _subject("ActivityDefinition", avoidance.slug, avoidance.name)
    pattern = {"identifier": [{"system": address("CodeSystem", "movement-pattern"), "value": avoidance.slug}]}
    return use | pattern | _subject("PlanDefinition", avoidance.type, avoidance.name)


def _subject(kind: str, slug: str, name: str) -> Resource:
    return {"subject": [{"reference": address(kind, slug), "display": name}]}


def _quoted(source: Attribution) -> str:
    return f" “{source.quote}”" if source.quote else ""


def _clinical_use(kind: str, id_: str, why: Recommendation | Contraindication | Avoidance, told: str) -> Resource:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{escape(told, quote=False)} ({escape(why.source.slug)})</p></div>'
    return {
        "resourceType": "ClinicalUseDefinition",
        "id": id_,
        "text": {"status": "generated", "div": div},
        "type": kind,
        kind: {"diseaseSymptomProcedure": {"concept": dysfunction_type(why.type)}},
    }


def dysfunction_type(slug: str, codes: Sequence[Code] = ()) -> Resource:
    """Name a type by our own code, and by those of classifications that fit."""
    ours = {"system": address("CodeSystem", "dysfunction-type"), "code": slug}
    mapped = [{"system": _SYSTEMS[code.system], "code": code.code, "display": code.display} for code in codes if code.system in _SYSTEMS]
    return {"coding": [ours, *mapped], "text": phrases.words(slug)}


def citation(source: Source) -> Resource:
    """Write a publication, with how sure we are of it."""
    located = [{"url": source.url}] if source.url else None
    doi = [{"system": "https://doi.org", "value": source.doi}] if source.doi else None
    artifact = filled(identifier=doi, title=[{"text": source.citation}], webLocation=located)
    note = "; ".join(part for part in (source.kind.label, source.certainty.label, source.note) if part)
    return _header("Citation", source.slug, source.citation) | filled(description=note, citedArtifact=artifact)


def questionnaire_of(form: ScreeningForm) -> Resource:
    """Write the questions of a screening, each asked where the answers before it say so."""
    by_slug = {question.slug: question for question in form.questions}
    items = [_item(asked, [by_slug[slug] for slug in asked.asked_if if slug in by_slug]) for asked in form.questions]
    return _header("Questionnaire", form.condition, f"Screening: {phrases.words(form.condition)}") | {
        "subjectType": ["Patient"],
        "description": form.disclaimer,
        "item": items,
    }


def _item(question: Question, finding_out: Sequence[Question]) -> Resource:
    count = f" {question.at_least} or more of: {'; '.join(question.criteria)}" if question.criteria else ""
    told: Resource = {"linkId": _link(question), "text": question.question + count, "required": True}
    if question.kind is QuestionKind.SYMPTOMS:
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


def _link(question: Question) -> str:
    return f"{question.kind}.{question.slug}"


# Elements.


def _header(kind: str, slug: str, title: str, *, reviewed: bool = False) -> Resource:
    name = "".join(part.capitalize() for part in re.split(r"[^a-z0-9]+", slug))
    head = {"resourceType": kind, "id": identifier(slug), "url": address(kind, slug), "name": f"E{name}"[:255], "title": title}
    return {**head, "status": "draft", "experimental": not reviewed, **_LICENCE}


def identifier(*parts: object) -> str:
    """Give an id of at most 64 characters; a long name is cut off and ends with a distinguishing number."""
    name = "-".join(str(part) for part in parts)
    return name if len(name) <= _LONGEST_ID else f"{name[:48]}-{sum(ord(c) * 31**n for n, c in enumerate(name)) % 10**12}"


def cited(source: Attribution) -> Resource:
    """Name a publication, with the clause that is quoted."""
    quote = f"“{source.quote}”" if source.quote else None
    return filled(type="citation", display=source.slug, citation=quote, resource=address("Citation", source.slug))


def _sources_of(exercise: Exercise) -> list[Attribution]:
    """Give each publication that an exercise names, with each clause of it, once."""
    parts: list[Sequence[_Sourced]] = [
        exercise.provenance,
        exercise.recommendations,
        exercise.contraindications,
        exercise.cautions,
        exercise.dosages,
        exercise.evidence,
    ]
    return list({(part.source.slug, part.source.quote): part.source for of_a_kind in parts for part in of_a_kind}.values())


def _described(exercise: Exercise) -> str:
    """Tell in Markdown what FHIR has no element for: how it is done, what to mind, and how much others print."""
    variant = exercise.variant_name if isinstance(exercise, ProgramExercise) else None
    parts = [
        exercise.summary,
        f"Done here: {variant}." if variant else None,
        f"Start: {exercise.start}" if exercise.start else None,
        "\n".join(f"{n}. {step}" for n, step in enumerate(exercise.steps, start=1)),
        f"Needs: {phrases.listed(exercise.equipment)}." if exercise.equipment else None,
        f"Helpful: {phrases.listed(exercise.helpful)}." if exercise.helpful else None,
        "\n".join(f"- Avoid for {phrases.words(w.type)}: {w.reason}" for w in exercise.contraindications),
        "\n".join(_caution(caution, exercise) for caution in exercise.cautions),
        "\n".join(_printed(dosage, exercise) for dosage in exercise.dosages),
        *(f"Not cleared: it resembles {phrases.words(m.slug)}, {wording.NOT_CLEARED}" for m in exercise.possible_match),
        None if exercise.review else wording.NOT_REVIEWED,
    ]
    return "\n\n".join(part for part in parts if part)


def _caution(caution: Caution, exercise: Exercise) -> str:
    """Write a caution; in a program its variant is done already, or one that other cautions ask for as well."""
    is_done = isinstance(exercise, ProgramExercise) and caution.action is Action.MODIFY
    asked = [] if is_done else [phrases.asks(caution, exercise), phrases.in_place_of(caution, exercise)]
    said = [*asked, caution.text, f"({caution.source.slug})"]
    return f"- {phrases.title(caution.group)}: {' '.join(part for part in said if part)}"


def _printed(dosage: Dosage, exercise: Exercise) -> str:
    return f"- Printed for {phrases.printed_for(dosage, exercise)}: {phrases.dosage(dosage)} ({dosage.source.slug})"


def filled(**elements: object) -> Resource:
    """Leave out what is empty: FHIR has neither null nor empty lists."""
    return {name: value for name, value in elements.items() if value not in (None, [], "", {})}
