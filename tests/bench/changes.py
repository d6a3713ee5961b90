"""Single changes to what decides, and the tests that should notice each: see `mutations.py`."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Change(NamedTuple):
    """One text for another, where it stands exactly once."""

    below: str
    """The file, or a folder of the file: what decides may move within it."""
    old: str
    new: str
    tests: str
    """A file of tests, or one of its tests."""

    def places(self, root: Path) -> Iterator[Path]:
        """Give each file below that has the old text, once for each time."""
        below = root / self.below
        for file in [below] if below.is_file() else sorted(below.rglob("*.py")):
            yield from [file] * file.read_text(encoding="utf-8").count(self.old)

    def __str__(self) -> str:
        """Show what goes, in a line."""
        return f"{self.below}: {' '.join(self.old.split())[:70]!r} → {' '.join(self.new.split())[:70]!r}"


LIBRARY, STORE, WEB = "api/library", "api/store", "api/web"

UPGRADING = "tests/library/test_upgrading.py"
DERIVATION = "tests/library/test_derivation.py"
SUITABILITY = "tests/library/test_suitability.py"
MATCHING = "tests/library/test_matching.py"
SCREENING = "tests/library/test_screening.py"
FITTING = "tests/library/test_fitting.py"
PERSON = "tests/library/test_person.py"
SPELLING = "tests/library/test_spelling.py"
SHEETS = "tests/formats/test_sheets.py::test_cautions_doses_and_pictures_are_of_the_variants_shown"
CELLS = "tests/formats/test_csv.py::test_what_a_spreadsheet_would_run_gets_an_apostrophe"
AVOIDANCES = "tests/store/test_avoidances.py"
INHERITANCE = "tests/store/test_inheritance.py::test_what_is_avoided_by_inheritance_cannot_be_recommended"
IMPORTING = "tests/store/test_importing.py::test_neighbours_that_are_written_one_after_the_other_are_each_told_once"
KEYS = "tests/store/test_keys.py"
CONDITIONS = "tests/web/test_conditions.py::test_of_a_type_of_another_condition_only_the_avoids_count"
NOTHING_GOES = "tests/web/test_nothing_goes.py::test_what_a_retired_exercise_names_may_go_so_a_revival_looks_it_up"
AT_ONCE = "tests/store/test_asking.py"
CURATING = "tests/web/test_curation.py"
RESEMBLES = "test_what_it_resembles_is_shown_until_there_is_a_verdict_for_each_type_that_avoids_that"
CURATION = "tests/web/test_curation.py::test_who_comes_second_has_to_read_again"
FRAMING = "tests/web/serving/test_framing.py::test_what_two_servers_could_read_differently_is_refused_and_ends_the_connection"
PARAMS = "tests/web/test_params.py"
README = "tests/test_readme.py"

UNNOTICED_ONCE = [
    # A caution twice, a variant twice, and what the release before had already.
    Change(LIBRARY, "return [part for n, part in enumerate(new) if n not in known]", "return list(new)", UPGRADING),
    Change(LIBRARY, "missing = named - there - {None}", "missing = named - {None}", UPGRADING),
    Change(LIBRARY, "new = [part for n, part in enumerate(theirs) if n not in followed.values()]", "new = list(theirs)", UPGRADING),
    Change(LIBRARY, '"contraindications": own(draft.contraindications)}', '"contraindications": draft.contraindications}', DERIVATION),
    Change(LIBRARY, "in draft.recommendations if recommendation.type not in types]", "in draft.recommendations]", DERIVATION),
    Change(LIBRARY, "if all(slug in recommendation.alternatives for recommendation in asked)]", "]", SUITABILITY),
    Change(LIBRARY, "for slug in asked[0].alternatives if", "for slug in asked[0].alternatives[:0] if", SUITABILITY),
    Change(STORE, "if len(others) < LONGEST_PAGE else", "if len(others) <= LONGEST_PAGE else", AVOIDANCES),
    Change(STORE, "all(any(name.startswith(word) for", "any(any(name.startswith(word) for", AVOIDANCES),
    Change(LIBRARY, "for slug, source in of.sources.items() if slug in named]", "for slug, source in of.sources.items()]", SCREENING),
    Change(WEB, '{"limit", "cursor", "format"}', '{"cursor", "format"}', PARAMS),
    Change(WEB, '{"limit", "cursor", "format"}', '{"limit", "cursor"}', PARAMS),
    Change(LIBRARY, 'len(word) > len("his")', "len(word) > len('list')", MATCHING),
    Change(LIBRARY, 'len(word) > len("his")', "len(word) >= len('his')", MATCHING),
]
"""What 80 changes to an earlier version showed: no test noticed these."""

VERDICTS = [
    Change(LIBRARY, "if asked & {contraindication.type for contraindication in exercise.contraindications}", "if False", SUITABILITY),
    Change(LIBRARY, "if asked and asked <= {recommendation.type", "if asked and asked & {recommendation.type", SUITABILITY),
    Change(LIBRARY, "gentlest = min(asked", "gentlest = max(asked", SUITABILITY),
    Change(LIBRARY, "position=min(recommendation.position", "position=max(recommendation.position", SUITABILITY),
    Change(LIBRARY, '"harder": [],\n', "", SUITABILITY),
    Change(LIBRARY, "return [*by_pattern, *by_parent.values()]", "return by_pattern", DERIVATION),
    Change(LIBRARY, "return [*by_pattern, *by_parent.values()]", "return [*by_parent.values()]", DERIVATION),
    Change(LIBRARY, "    if clash is None:\n", "    if clash is None or clash.via:\n", INHERITANCE),
    Change(
        LIBRARY, "        if avoided.type in recommended:\n", "        if avoided.type in recommended and not avoided.via:\n", DERIVATION
    ),
    Change(LIBRARY, "if was_retired and avoided.via is None", "if not was_retired and avoided.via is None", DERIVATION),
    Change(LIBRARY, "kept = without_contradiction(draft, before.contraindications)", "kept = draft", DERIVATION),
    Change(LIBRARY, "without_contradiction(merged, merged.contraindications)", "merged", UPGRADING),
    Change(LIBRARY, "[*ours.contraindications, *avoids]", "ours.contraindications", UPGRADING),
]

SCREENINGS = [
    Change(LIBRARY, "if slug in {*answers.red_flags, *answers.unsure}]", "if slug in answers.red_flags]", SCREENING),
    Change(LIBRARY, "in_force(questions.own_flags, facts.groups)", "in_force(questions.own_flags, answers.groups)", SCREENING),
    Change(LIBRARY, "if flag.slug not in answers.asked]", "if flag.slug not in answers.asked and flag.group]", SCREENING),
    Change(
        LIBRARY,
        "{*(indicator.type for indicator in unsure), *types_of(groups, questions.groups)}",
        "{indicator.type for indicator in unsure}",
        PERSON,
    ),
    Change(LIBRARY, "level = min((flag.level", "level = max((flag.level", SCREENING),
    Change(LIBRARY, "if type_ in facts.open or type_ in likely]", "if type_ in likely]", PERSON),
    Change(LIBRARY, "    _refuse_sure_and_unsure(answers)\n", "", SCREENING),
    Change(
        LIBRARY,
        "for group in new for other in known[group].implies}",
        "for group in new for other in known[group].implies[:0]}",
        "tests/library/test_groups.py",
    ),
    Change(LIBRARY, "if flag.group is None or flag.group in minded]", "if flag.group is None]", SCREENING),
    Change(LIBRARY, "unsure=[slug for slug in unsure if slug not in sure],", "unsure=list(unsure),", SCREENING),
    Change(LIBRARY, "if choice is not Choice.NO]", "if choice is Choice.YES]", SCREENING),
    Change(LIBRARY, "if flag.condition in conditions]", "]", "tests/library/test_conditions.py"),
    Change(LIBRARY, "if condition.default]", "]", "tests/library/test_conditions.py"),
]

PROGRAMS = [
    Change(LIBRARY, "caution.action is Action.AVOID and caution.for_variant is None]", "False]", FITTING),
    Change(LIBRARY, "and all(caution.for_variant != variant.slug for caution in unfit)", "", FITTING),
    Change(LIBRARY, "    return {caution.group for caution in changing} <= heeded and", "    return", FITTING),
    Change(LIBRARY, "[caution for caution in in_force if caution.for_variant in (None, shown)]", "list(in_force)", FITTING),
    Change(LIBRARY, "verdict(exercise, of.reach.all) is", "verdict(exercise, of.reach.types) is", CONDITIONS),
    Change(LIBRARY, "[dosage for dosage in exercise.dosages if dosage.for_variant == shown]", "list(exercise.dosages)", SHEETS),
    Change(LIBRARY, "{name: [] for name in _AS_IT_STANDS} if swapped else {}", "{}", SHEETS),
    Change(LIBRARY, "if image.role == role_of(variant)), None)", "), None)", "tests/library/test_pictures.py"),
    Change(LIBRARY, "if len(of.reach.all) == 1 else", "if len(of.reach.all) else", PERSON),
]

RESEMBLANCES = [
    Change(LIBRARY, "and not of.types <= judged]", "and not of.types & judged]", MATCHING),
    Change(LIBRARY, "needed <= set(name) and numbered <= _numbered(name)", "needed <= set(name)", MATCHING),
    Change(LIBRARY, "(not phrase.is_loose and _is_told", "(_is_told", MATCHING),
    Change(LIBRARY, "_SLACK = 2\n", "_SLACK = 9\n", MATCHING),
    Change(LIBRARY, "_content(without_denied(text))", "_content(text)", MATCHING),
    Change(LIBRARY, "_SHORTEST = 4\n", "_SHORTEST = 3\n", SPELLING),
    Change(LIBRARY, "if len(known) < _SHORTEST or _has_digit(known) else", "if len(known) < _SHORTEST else", SPELLING),
    Change(LIBRARY, "return folded if folded == text else fold(folded)", "return folded", SPELLING),
]

CALLERS = [
    Change(LIBRARY, "if len(pairs) != len(dict(pairs)):", "if not pairs:", "tests/library/test_strict_json.py"),
    Change(LIBRARY, "if character in _REORDERS:", "if character in _BLANK:", "tests/library/test_legible.py"),
    Change(WEB, "if len(hosts) > 1 or not all", "if not all", FRAMING),
    Change(WEB, "or not set(given).isdisjoint(tags):", "or given:", CURATION),
    Change(WEB, "    if seen is None:\n", "    if not hint:\n", CURATING),
    Change(WEB, "_refuse_unknown(journal.connection, edit, before)", "_refuse_unknown(journal.connection, edit, found)", NOTHING_GOES),
    Change(STORE, "self.lent + len(self._at_hand) > self.limit if from_pool", "False if from_pool", "tests/store/test_faults.py"),
    Change(STORE, '"default_transaction_isolation": "repeatable read"', '"default_transaction_isolation": "read committed"', AT_ONCE),
    Change(STORE, "        if not connection.info[_MAY_ASK]:\n", "        if False:\n", AT_ONCE),
    Change(STORE, "_psycopg(connection).pgconn.transaction_status == _IDLE:\n", "True:\n", AT_ONCE),
    Change(
        STORE, "    if batch.tag_of.keys() <= derivation.judged(draft):\n", "    if derivation.judged(draft):\n", f"{CURATING}::{RESEMBLES}"
    ),
    Change(
        WEB,
        "    if key.scope is not scope:\n",
        "    if not key.scope:\n",
        "tests/web/test_curation_keys.py::test_each_scope_opens_its_own_alone",
    ),
    Change(STORE, "key.expires_at > at)", "key.expires_at != at)", KEYS),
    Change(STORE, "key.revoked_at is None and (", "(", KEYS),
    Change("api/formats", '_RUN = frozenset("=+-@', '_RUN = frozenset("=+-', CELLS),
    Change(
        STORE,
        "        if not self._raised:\n",
        "        if True:\n            self.revision += self._raised\n",
        "tests/store/test_loading.py",
    ),
]

DATA = [
    Change(
        "seed_data/exercises/figure-4-stretch.yaml",
        "  contraindications:\n    - type: unstable\n",
        "  contraindications:\n    - type: stiff\n",
        "tests/store/test_safety.py",
    ),
]

PAGES = [
    Change("migrations/README.md", "| `workers` | `1` |", "| `workers` | `4` |", README),
    Change("migrations/README.md", "| `migrate` | `on` |", "| `migrate` | `off` |", README),
    Change("migrations/README.md", "| `fhir_base` |", "| `fhir-base` |", README),
    Change("migrations/README.md", "`keys revoke NAME`", "", README),
    Change("api/README.md", "| `contradiction` | 409 |", "| `contradiction` | 422 |", README),
    Change("api/README.md", "`unjudged`", "unjudged", README),
    Change("api/README.md", "`GET /images/{name}`", "", README),
    Change("api/README.md", "| `fhir` |", "| fhir |", README),
    Change("README.md", '"type":"unstable","verdict":"avoid"', '"type":"unstable","verdict":"unknown"', README),
    Change("README.md", "?type=unstable&view=summary'", "?typ=unstable&view=summary'", README),
    Change("README.md", "](LICENSE)", "](LICENCE)", README),
    Change("api/errors.py", 'kind("duplicate"', 'kind("double"', README),
    Change("api/settings.py", "statement_seconds: int = 10", "statement_seconds: int = 20", README),
]
"""What a README promises: a row, a name, an answer or a link that isn't true any more."""

CHANGES = [*UNNOTICED_ONCE, *VERDICTS, *SCREENINGS, *PROGRAMS, *RESEMBLANCES, *CALLERS, *DATA, *PAGES]
