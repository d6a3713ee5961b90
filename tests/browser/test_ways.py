"""The three ways through the page, with a mouse, with the keyboard alone, and without JavaScript."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, Visiting, answer_all, follow, offered
from tests.facts import RECOMMENDED

pytestmark = pytest.mark.browser

SCREENING = "Help me find out"
RESULT = "Show me the result"
FOCUS = """(() => {
  const focused = document.activeElement, ringed = (focused.matches("input") && focused.closest("label")) || focused;
  return getComputedStyle(ringed).outlineStyle;
})()"""
"""How what has the focus is outlined; a choice is by its label."""


def top_and_height(of: Locator) -> tuple[float, float]:
    box = of.bounding_box()
    assert box is not None
    return box["y"], box["height"]


def heading(page: Page) -> str:
    return page.inner_text("h1")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_the_stiff_way(visiting: Visiting, *, javascript: bool) -> None:
    visit = visiting(javascript=javascript)
    page = visit.go("/")
    follow(page, ".ways >> text=Likely too stiff")
    assert visit.path == "/browse?type=stiff"
    assert offered(page) == RECOMMENDED["stiff"]
    assert "Nothing is named as something to avoid. That is not the same as safe." in page.inner_text("section.avoid")
    follow(page, "text=Figure 4 stretch")
    assert page.locator(".verdict h3").all_inner_texts() == ["Recommended if likely too stiff", "Avoid it if likely too loose"]
    assert page.locator("#how ~ .picture").is_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_the_unstable_way(visiting: Visiting, *, javascript: bool) -> None:
    visit = visiting(javascript=javascript)
    page = visit.go("/")
    follow(page, ".ways >> text=Likely too loose")
    assert visit.path == "/browse?type=unstable"
    assert offered(page) == RECOMMENDED["unstable"]
    gentle, avoid = page.locator(".shout"), page.locator("section.avoid")
    assert gentle.all_inner_texts() == ["GENTLE"]
    assert top_and_height(gentle)[1] > 30
    assert "Figure 4 stretch" in avoid.inner_text()
    assert top_and_height(avoid)[0] < top_and_height(gentle)[0]
    follow(page, "text=Open to print")
    assert heading(page) == "Exercises for a sacroiliac joint that is likely too loose"


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_the_way_of_somebody_who_does_not_know(visiting: Visiting, *, javascript: bool) -> None:
    visit = visiting(PHONE, javascript=javascript)
    page = visit.go("/")
    follow(page, f".ways >> text={SCREENING}")
    assert page.locator("input:checked").count() == 0
    answer_all(page, **{"indicator.pregnant": "yes", "group.after-16-weeks": "yes", "symptoms.symptoms": "yes"})
    follow(page, f"text={RESULT}")
    assert heading(page) == "A few more questions"
    answer_all(page)
    follow(page, f"text={RESULT}")
    assert heading(page) == "Likely too loose"
    assert "Do it this way: On all fours" in page.inner_text("main")
    assert visit.path == "/browse/screening"
    with page.expect_popup() as printed:
        page.click("text=Open to print")
    assert heading(printed.value) == "Exercises for a sacroiliac joint that is likely too loose"
    assert printed.value.url == page.url
    with page.expect_download() as download:
        page.click("text=Download as PDF")
    assert download.value.suggested_filename == "exercise-program.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    folded = page.locator(".card details").first
    assert not folded.get_by_text("Common errors").is_visible()
    folded.locator("summary").click()
    assert folded.get_by_text("Common errors").is_visible()
    with page.expect_popup() as more:
        folded.get_by_text("All about it").click()
    assert heading(more.value) == "Self-massage of low back and glutes"
    assert heading(page) == "Likely too loose"


def test_a_warning_sign_ends_the_way_at_once(visiting: Visiting) -> None:
    page = visiting().go("/browse/screening")
    page.check('[name="red-flag.chest-pain"][value=yes]')
    follow(page, "text=See what to do")
    assert heading(page) == "Please get checked first"
    assert "Call your emergency number now." in page.inner_text("main")
    assert page.locator("text=Open to print").count() == 0
    follow(page, "text=Change my answers")
    assert page.locator("input:checked").count() == 1


def test_what_was_forgotten_is_pointed_at(visiting: Visiting) -> None:
    page = visiting().go("/browse/screening")
    answer_all(page)
    page.reload()
    answer_all(page, **{"symptoms.symptoms": "yes"})
    page.eval_on_selector_all("[name='red-flag.fever']", "all => all.forEach(one => { one.checked = false })")
    follow(page, f"text={RESULT}")
    expect(page.locator("[role=alert]")).to_be_focused()
    expect(page.locator("h2:visible").nth(1)).to_have_text("Step 2 of 4: Other warning signs")
    page.click("[role=alert] a")
    assert page.evaluate("document.querySelector(':target').id") == "red-flag.fever"
    answer_all(page, **{"symptoms.symptoms": "yes"})
    follow(page, f"text={RESULT}")
    assert heading(page) == "Your answers don't point to one type"


def test_one_step_is_seen_at_a_time_and_going_back_loses_nothing(visiting: Visiting) -> None:
    visit = visiting(PHONE)
    page = visit.go("/browse/screening")
    steps = page.locator("h2:visible").first
    expect(steps).to_have_text("Step 1 of 4: Emergency signs")
    page.click("button.next")
    expect(page.locator("[role=alert]")).to_have_text("Please choose an answer.")
    expect(page.locator("fieldset:visible input").first).to_be_focused()
    for question in page.locator("fieldset.ask:visible").all():
        question.locator("input[value=no]").check()
    page.click("button.next")
    expect(steps).to_have_text("Step 2 of 4: Other warning signs")
    expect(steps).to_be_focused()
    page.click("button.back")
    expect(steps).to_have_text("Step 1 of 4: Emergency signs")
    assert page.locator("fieldset.ask:visible input:checked").count() == page.locator("fieldset.ask:visible").count()
    assert visit.path == "/browse/screening"


def test_a_warning_sign_ends_the_steps(visiting: Visiting) -> None:
    page = visiting().go("/browse/screening")
    page.check('[name="red-flag.chest-pain"][value=unsure]')
    follow(page, "button.next")
    assert heading(page) == "Please get checked first"


def press_until(page: Page, wanted: str, limit: int = 400) -> None:
    """Press Tab until what is wanted has the focus."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            outline = page.evaluate(FOCUS)
            assert outline == "solid", f"one can't see where one is at {wanted}"
            return
    raise AssertionError(f"the keyboard doesn't reach {wanted}")


def test_the_first_key_leads_past_the_menu(visiting: Visiting) -> None:
    page = visiting().go("/browse?type=unstable")
    press_until(page, ".skip", limit=1)
    assert page.locator(".skip").evaluate("one => one.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    press_until(page, "main a, main summary", limit=1)


def test_the_keyboard_alone_is_enough(visiting: Visiting) -> None:
    page = visiting().go("/")
    press_until(page, ".help")
    page.keyboard.press("Enter")
    page.wait_for_url("**/browse/screening")
    while True:
        press_until(page, "input[type=radio], .next, .finish")
        if page.evaluate("document.activeElement.matches('.finish')"):
            break
        if page.evaluate("document.activeElement.matches('.next')"):
            page.keyboard.press("Enter")
            continue
        name = page.evaluate("document.activeElement.name")
        # The first choice is yes, the arrow goes on to no.
        page.keyboard.press("Space" if name in ("symptoms.symptoms", "indicator.very-sedentary") else "ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Likely too stiff")
    press_until(page, "[name=print][value=html]")
    with page.expect_popup() as printed:
        page.keyboard.press("Enter")
    printed.value.wait_for_selector("text=Exercises for a sacroiliac joint")


def test_the_keyboard_opens_what_is_folded(visiting: Visiting) -> None:
    page = visiting().go("/browse/cat-cow")
    press_until(page, ".warning summary")
    page.keyboard.press("Enter")
    assert page.locator("text=Have you lost weight without trying?").is_visible()
    press_until(page, "#variants ~ details summary")
    page.keyboard.press("Space")
    assert page.locator("#variants ~ details[open] .picture").first.is_visible()
