"""Another catalogue held against ours: the strictest verdict holds, and no resemblance is called recommended."""

import pytest

from api.library.comparing import ComparedExercise, ForeignExercise, Known, Named, by_name, comparison
from api.library.exercise_draft import Contraindication, Judged, Recommendation
from api.library.record import Attribution
from api.library.vocabulary import Verdict
from tests.resembling import seeded

SOURCE = Attribution(slug="source-text")
AVOID = Contraindication(type="unstable", reason="It hurts.", source=SOURCE)
RECOMMEND = Recommendation(type="unstable", position=1, choice=1, source=SOURCE)
OURS = [
    Named(Judged(slug="good", name="Good", recommendations=[RECOMMEND]), frozenset({"good", "shared name", "both"})),
    Named(Judged(slug="bad", name="Bad", contraindications=[AVOID]), frozenset({"bad", "shared name"})),
    Named(Judged(slug="open", name="Open"), frozenset({"open", "both"})),
    Named(Judged(slug="wide-good", name="Sumo hold", recommendations=[RECOMMEND]), frozenset({"sumo hold"})),
]
KNOWN = Known(by_name(OURS), seeded().of(["unstable"]))
CROSSED = "Cross your left ankle over your right thigh."


def compared(name: str, *steps: str, aliases: tuple[str, ...] = (), types: tuple[str, ...] = ("unstable",)) -> ComparedExercise:
    theirs = ForeignExercise(id=" 1 ", name=name, aliases=list(aliases), steps=list(steps))
    (found,) = comparison([theirs], types, Known(KNOWN.named, seeded().of(types)), 1).items
    assert found.id == " 1 "
    return found


def told(one: ComparedExercise) -> tuple[str, str | None, list[str]]:
    return one.verdict.value, one.same_as, [match.slug for match in one.possible_match]


def test_what_has_a_name_of_ours_has_our_verdict() -> None:
    assert told(compared("Good")) == ("recommended", "good", [])
    assert told(compared("𝗕𝗔𝗗!")) == ("avoid", "bad", [])
    assert told(compared("Other", aliases=("open",))) == ("unknown", "open", [])
    assert [why.verdict for why in compared("BAD").because] == [Verdict.AVOID]


def test_what_has_no_name_of_ours_is_unknown() -> None:
    assert told(compared("Other", "Lie down.")) == ("unknown", None, [])
    assert compared("Other").because == []
    assert told(compared("…")) == ("unknown", None, [])


def test_of_several_of_ours_the_strictest_holds() -> None:
    assert told(compared("Shared name")) == ("avoid", "bad", [])
    assert told(compared("Both")) == ("unknown", "open", [])
    assert told(compared("Good", aliases=("bad",))) == ("avoid", "bad", [])


def test_steps_that_resemble_what_is_avoided_turn_recommended_into_unknown() -> None:
    assert told(compared("Good", CROSSED)) == ("unknown", "good", ["figure-4-stretch"])
    assert told(compared("Good", "Stand with your feet wider than your hips.")) == ("unknown", "good", ["wide-legs"])
    assert told(compared("Bad", CROSSED)) == ("avoid", "bad", ["figure-4-stretch"])


def test_so_does_another_name_of_theirs() -> None:
    assert told(compared("Good", aliases=("Fig. 4 stretch",))) == ("unknown", "good", ["figure-4-stretch"])


def test_what_we_call_an_exercise_ourselves_was_judged_with_it() -> None:
    assert told(compared("Sumo hold")) == ("recommended", "wide-good", [])


def test_a_name_of_ours_that_nobody_has_judged_is_resembled_like_any_other() -> None:
    """Such as one that was put in under the name of an exercise that is retired."""
    unjudged = Named(Judged(slug="put-back", name="Figure 4 stretch"), frozenset({"figure 4 stretch"}))
    theirs = ForeignExercise(id="1", name="Figure 4 stretch")
    (found,) = comparison([theirs], ["unstable"], Known(by_name([unjudged]), KNOWN.suspects), 1).items
    assert told(found) == ("unknown", "put-back", ["figure-4-stretch"])


def test_only_what_a_type_asked_avoids_is_resembled() -> None:
    assert told(compared("Fig. 4 stretch", CROSSED)) == ("unknown", None, ["figure-4-stretch"])
    assert told(compared("Fig. 4 stretch", CROSSED, types=("stiff",))) == ("unknown", None, [])
    assert told(compared("Fig. 4 stretch", CROSSED, types=("stiff", "unstable"))) == ("unknown", None, ["figure-4-stretch"])


def test_with_several_types_all_have_to_recommend_it() -> None:
    assert told(compared("Good", types=("stiff", "unstable"))) == ("unknown", "good", [])
    assert told(compared("Bad", types=("stiff", "unstable"))) == ("avoid", "bad", [])


@pytest.mark.parametrize(
    "name", ["<b>Bad</b>", "<p>bad</p>", "&#66;ad", "Bad&nbsp;", "B<i>a</i>d", "&lt;b&gt;Bad&lt;/b&gt;", '<span class="x">BAD</span><br/>']
)
def test_names_in_html_are_read_as_a_browser_shows_them(name: str) -> None:
    assert told(compared(name)) == ("avoid", "bad", [])
    assert told(compared("Other", aliases=(name,))) == ("avoid", "bad", [])


@pytest.mark.parametrize(
    "step",
    [
        "<p>Cross your <strong>left ankle</strong> over your <em>right</em> thigh.</p>",
        "Cross your left&nbsp;ankle over your <a href='x'>right</a>&#32;thigh",
        "<ul><li>Lie down</li><li>Place an an<b>kle</b> on the other <span style='color: red'>knee</span></li></ul>",
    ],
)
def test_steps_in_html_are_read_as_a_browser_shows_them(step: str) -> None:
    assert told(compared("Other", step)) == ("unknown", None, ["figure-4-stretch"])


def test_what_two_paragraphs_say_is_not_said_together() -> None:
    assert told(compared("Other", "<p>Circle your ankle</p><p>Over the right thigh you feel a stretch</p>")) == ("unknown", None, [])
    assert told(compared("Other", "Feet < 10 cm, hands > 20 cm apart")) == ("unknown", None, [])
