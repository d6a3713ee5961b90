"""FHIR R5 (5.0.0): records as resources that an electronic record can load, contraindications included.

A projection: the library's own JSON is the truth, and what FHIR has no element for stands in a text (`api/README.md` lists it).
Addresses begin with `BASE`, which a service may replace by its own; the codes below are those of the specification's value sets.
Nothing here is about a person: there is never a Patient, a Condition or a diagnosis.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from json import dumps

from api.formats import fhir_resources as resources
from api.formats import phrases
from api.formats.fhir_resources import BASE, Resource, address
from api.library import wording
from api.library.condition import DysfunctionType
from api.library.exercise import AnsweredExercise, Exercise
from api.library.exercise_draft import Judged, Recommendation
from api.library.pattern import MovementPattern
from api.library.program import Printout, Program, ProgramExercise
from api.library.questionnaire import ScreeningForm
from api.library.serialised import SerialisedRecord, SerialisedRecords
from api.library.source import Source
from api.library.suitability import reading
from api.library.vocabulary import Basis

MEDIA_TYPE = "application/fhir+json; fhirVersion=5.0"


def rebased(body: bytes, base: str) -> bytes:
    """Put a service's own base into every address; an address always begins a JSON string."""
    base = base.rstrip("/")
    if base == BASE:
        return body
    pattern = re.compile(rb'"' + re.escape(BASE.encode()) + rb":([A-Za-z]+):")
    return pattern.sub(lambda found: f'"{base}/{found[1].decode()}/'.encode(), body)


def exercise(answer: SerialisedRecord, _: str | None) -> bytes:
    """Write an exercise as ActivityDefinition, which contains whom it is indicated and contraindicated for."""
    shown = AnsweredExercise.model_validate_json(answer.document)
    uses = [use | {"subject": [{"reference": "#"}]} for use in resources.uses(shown)]
    return _written(resources.activity(shown) | resources.filled(contained=uses))


def program(answer: Printout, _: str | None) -> bytes:
    """Write a program as PlanDefinition, which contains its exercises, as they are done here, and what to avoid."""
    made = answer.program
    shown = {choice.slug: choice for slot in made.slots for choice in slot.choices}
    activities = [{**resources.activity(_done_here(choice, made.types)), "id": slug} for slug, choice in shown.items()]
    avoided = [resources.avoided(avoidance, f"avoid-{n}") for n, avoidance in enumerate(made.avoid, start=1)]
    actions = [resources.place(slot.position, [_offered(choice, made.types) for choice in slot.choices]) for slot in made.slots]
    title = f"Exercise program for: {phrases.listed(made.types)}"
    plan = resources.plan("program", title, _about(made), actions)
    used = [{"url": resources.USED, "valueReference": {"reference": f"#{use['id']}"}} for use in avoided]
    return _written(plan | resources.filled(contained=[*activities, *avoided], extension=used))


def _done_here(choice: ProgramExercise, types: Sequence[str]) -> Exercise:
    """Give an exercise as it is read in a program: other groups' cautions would contradict the variant that is done."""
    return reading(choice, types).model_copy(update={"cautions": choice.heed})


def _offered(choice: ProgramExercise, types: Sequence[str]) -> tuple[Judged, str, Recommendation | None]:
    """Give a choice with how it is recommended for all of these types together: the gentlest of them."""
    read = choice.suitability
    how = next((how for how in choice.recommendations if read and how.type in types and how.intensity == read.intensity), None)
    return choice, f"#{choice.slug}", how


def questionnaire(answer: SerialisedRecord, _: str | None) -> bytes:
    """Write the questions of a screening as Questionnaire."""
    return _written(resources.questionnaire_of(ScreeningForm.model_validate_json(answer.document)))


def sources(answer: SerialisedRecords, _: str | None) -> bytes:
    """Write publications as a Bundle of Citations."""
    return b"".join(_bundle(resources.citation(Source.model_validate_json(document)) for document in answer.documents))


def library(records: Iterable[tuple[str, str]], forms: Iterable[ScreeningForm]) -> Iterator[bytes]:
    """Write all records, each with its kind and as its JSON, and the questions of screenings as one Bundle."""
    yield from _bundle(_resources(records, forms))


def _resources(records: Iterable[tuple[str, str]], forms: Iterable[ScreeningForm]) -> Iterator[Resource]:
    """Give the resources one by one; only types and the places of exercises are kept in memory, for lists that come last."""
    types, recommended = list[DysfunctionType](), list[tuple[Judged, Recommendation]]()
    for kind, document in records:
        match kind:
            case "source":
                yield resources.citation(Source.model_validate_json(document))
            case "type":
                types.append(DysfunctionType.model_validate_json(document))
            case "movement-pattern":
                for avoidance in MovementPattern.model_validate_json(document).avoidances:
                    yield resources.avoided(avoidance, resources.identifier(avoidance.slug, avoidance.type))
            case "exercise":
                shown = Exercise.model_validate_json(document)
                recommended += [(Judged(slug=shown.slug, name=shown.name), how) for how in shown.recommendations]
                yield resources.activity(shown)
                yield from resources.uses(shown)
    yield from map(resources.questionnaire_of, forms)
    yield from (_of_type(type_, recommended) for type_ in types)


def _of_type(type_: DysfunctionType, recommended: Iterable[tuple[Judged, Recommendation]]) -> Resource:
    """Write a type's list: its places in order, alternatives ("A or B") in the order in which they are named."""
    mine = sorted((item for item in recommended if item[1].type == type_.slug), key=lambda item: (item[1].position, item[1].choice))
    actions = [
        resources.place(position, [(named, address("ActivityDefinition", named.slug), how) for named, how in choices])
        for position, choices in groupby(mine, key=lambda item: item[1].position)
    ]
    plan = resources.plan(type_.slug, type_.name, type_.conclusion.text, actions)
    focus = {"system": resources.USAGE, "code": "focus"}
    return plan | resources.filled(
        useContext=[{"code": focus, "valueCodeableConcept": resources.dysfunction_type(type_.slug, type_.codes)}],
        goal=[{"description": {"text": goal.text}, "documentation": [resources.cited(goal.source)]} for goal in type_.goals],
        relatedArtifact=[resources.cited(type_.source)],
    )


def _about(made: Program) -> str:
    """Tell in Markdown what a plan has no element for: warning signs first, then what was left out, and when to stop."""
    parts = [
        *(f"First: {flag.question} {' '.join(flag.criteria)} {flag.what_to_do}" for flag in made.red_flags),
        wording.NOT_THE_SOURCES if made.basis is Basis.PROJECT_RULE else "",
        wording.NOTHING_NAMED if not made.avoid else "",
        *(
            " ".join([f"Left out: {withheld.name}. {withheld.reason}", *(caution.text for caution in withheld.cautions)])
            for withheld in made.withheld
        ),
        *(f"For a clinician to decide: {undecided.name}. {_resemblance(undecided)}" for undecided in made.undecided),
        *(f"{question.name}: {question.question}" for question in made.unasked),
        *(rule.text for rule in made.stop_rules),
        made.disclaimer,
    ]
    return "\n\n".join(part.strip() for part in parts if part)


def _resemblance(resembling: Exercise) -> str:
    return " ".join(f"It resembles {phrases.words(match.slug)}, {wording.NOT_CLEARED}" for match in resembling.possible_match)


def _bundle(resources: Iterable[Resource]) -> Iterator[bytes]:
    yield b'{"resourceType":"Bundle","type":"collection","entry":['
    before = b"\n"
    for resource in resources:
        entry = {"fullUrl": resource.get("url") or address(str(resource["resourceType"]), str(resource["id"])), "resource": resource}
        yield before + _json(entry)
        before = b",\n"
    yield b"\n]}\n"


def _written(resource: Mapping[str, object]) -> bytes:
    return _json(resource) + b"\n"


def _json(value: object) -> bytes:
    return dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
