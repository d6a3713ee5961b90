"""Searching as one types; and without JavaScript, by the button."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visiting, offered
from tests.facts import RECOMMENDED

pytestmark = pytest.mark.browser


def test_results_come_while_one_types(visiting: Visiting) -> None:
    visit = visiting()
    page = visit.go("/browse?type=unstable")
    page.evaluate("window.stayed = true")
    page.focus("#q")
    page.keyboard.type("hip hik", delay=20)
    expect(page.locator("#count")).to_have_text("1 exercise for “hip hik”")
    assert offered(page) == ["pelvic-list"]
    assert visit.path == "/browse?type=unstable&q=hip+hik"
    assert "Figure 4 stretch" in page.inner_text("section.avoid")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("zzz!<>&")
    expect(page.locator("#count")).to_have_text("0 exercises for “hip hikzzz!<>&”")
    page.fill("#q", "")
    expect(page.locator("#count")).to_have_text("5 exercises")
    assert offered(page) == RECOMMENDED["unstable"]
    assert page.evaluate("window.stayed")
    page.reload()
    assert offered(page) == RECOMMENDED["unstable"]


def test_what_is_to_be_avoided_is_not_found_as_an_offer(visiting: Visiting) -> None:
    page = visiting().go("/browse?type=unstable")
    page.fill("#q", "figure 4")
    expect(page.locator("#count")).to_have_text("0 exercises for “figure 4”")
    assert offered(page) == []
    assert "✕" not in page.inner_text("section.avoid li >> nth=0")
    assert "Figure 4 stretch" in page.inner_text("section.avoid li >> nth=0")


def test_a_search_that_can_not_be_asked_leaves_everything_as_it_was(visiting: Visiting) -> None:
    visit = visiting()
    page = visit.go("/browse?type=stiff")
    page.route("**/browse?*", lambda route: route.abort())
    page.fill("#q", "cat")
    page.wait_for_event("requestfailed")
    assert offered(page) == RECOMMENDED["stiff"]
    visit.complaints.clear()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_the_button_searches_too(visiting: Visiting, *, javascript: bool) -> None:
    visit = visiting(javascript=javascript)
    page = visit.go("/")
    page.fill("#q", "wall sit")
    page.click("text=Search")
    expect(page.locator("#count")).to_have_text("1 exercise for “wall sit”")
    assert offered(page) == ["isometric-squats"]
    page.check("text=likely too loose")
    page.select_option("#region", "thighs")
    page.fill("#q", "")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**region=thighs**")
    expect(page.locator("#count")).to_have_text("1 exercise")
    assert offered(page) == ["isometric-squats"]
    assert page.locator("#region").input_value() == "thighs"
