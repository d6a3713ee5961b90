"""What everybody can see and use: axe-core, a phone's width, the dark, and paper."""

from collections.abc import Iterator
from importlib.resources import files
from io import BytesIO
from typing import Any

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.browser.conftest import NARROW, PHONE, WIDE, Visiting, answer_all, follow
from tests.facts import EXERCISES
from tests.processes import Running

pytestmark = pytest.mark.browser

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
RUN = "axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}}).then(found => found.violations)"
ADDRESSES = [
    "/",
    "/browse",
    "/browse?type=stiff",
    "/browse?type=unstable",
    "/browse?type=stiff&type=unstable",
    "/browse?q=no-such-thing&type=unstable&region=pelvis",
    *(f"/browse/{slug}" for slug in EXERCISES),
    "/browse/screening",
    "/browse/cat-cow/history",
    "/browse/no-such-exercise",
]
TOO_WIDE = """[...document.querySelectorAll("body *")]
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => one.outerHTML.slice(0, 99))"""
LOOKS = [pytest.param(WIDE, False, id="wide"), pytest.param(PHONE, False, id="phone"), pytest.param(PHONE, True, id="dark")]


def refuse_barriers(page: Page) -> None:
    """Let axe-core look for what keeps people out, behind every fold too."""
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN)
    told = [f"{one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes'][:3]]}" for one in found]
    assert told == [], page.url


def refuse_scrolling_sideways(page: Page) -> None:
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth"), page.evaluate(TOO_WIDE)


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_no_page_keeps_anybody_out(visiting: Visiting, size: tuple[int, int], *, dark: bool) -> None:
    visit = visiting(size, dark=dark)
    for address in ADDRESSES:
        refuse_barriers(visit.go(address))


def screened(page: Page) -> Iterator[str]:
    """Go through every page that the screening has; give each one's heading."""
    yield page.inner_text("h1")
    page.check('[name="red-flag.chest-pain"][value=unsure]')
    follow(page, "button:visible >> text=See what to do")
    yield page.inner_text("h1")
    page.goto(page.url)
    answer_all(
        page,
        **{"symptoms.symptoms": "yes", "indicator.pregnant": "yes", "indicator.very-sedentary": "yes", "group.hip-replacement": "unsure"},
    )
    follow(page, "text=Show me the result")
    yield page.inner_text("h1")
    answer_all(page)
    follow(page, "text=Show me the result")
    yield page.inner_text("h1")
    page.goto(page.url)
    answer_all(page)
    follow(page, "text=Show me the result")
    yield page.inner_text("h1")


HEADINGS = [
    "Help me find out",
    "Please get checked first",
    "A few more questions",
    "Likely too stiff · Likely too loose",
    "These exercises are for people with symptoms",
]


@pytest.mark.parametrize(("size", "dark"), [*LOOKS, pytest.param(NARROW, False, id="narrow")])
def test_the_screening_keeps_nobody_out_at_any_width(visiting: Visiting, size: tuple[int, int], *, dark: bool) -> None:
    page = visiting(size, dark=dark).go("/browse/screening")
    seen = []
    for heading in screened(page):
        seen.append(heading)
        refuse_barriers(page)
        refuse_scrolling_sideways(page)
    assert seen == HEADINGS


@pytest.mark.parametrize("size", [PHONE, NARROW], ids=["390", "320"])
def test_nothing_is_wider_than_a_phone(visiting: Visiting, size: tuple[int, int]) -> None:
    visit = visiting(size)
    for address in ADDRESSES:
        refuse_scrolling_sideways(visit.go(address))


@pytest.mark.parametrize("types", ["type=stiff", "type=unstable", "type=stiff&type=unstable"])
def test_the_first_exercise_stands_within_two_screens_of_a_phone(visiting: Visiting, types: str) -> None:
    card = visiting(PHONE).go(f"/browse?{types}").locator(".card h3").first.bounding_box()
    assert card
    assert card["y"] + card["height"] < 2 * PHONE[1]


def test_no_heading_lies_over_the_way_back(visiting: Visiting) -> None:
    for address in ("/browse/cat-cow", "/browse/cat-cow/history"):
        page = visiting(PHONE).go(address)
        crumb, title = page.locator(".crumb").bounding_box(), page.locator("h1").bounding_box()
        assert crumb, address
        assert title, address
        assert crumb["y"] + crumb["height"] <= title["y"], address


def test_only_the_steps_of_an_exercise_are_numbered(visiting: Visiting) -> None:
    page = visiting().go("/browse/screening")
    criterion = page.locator("fieldset.ask li").first
    assert criterion.evaluate("one => getComputedStyle(one, '::before').content") == "none"


def brightness(page: Page, of: str = "html") -> float:
    colour: str = page.evaluate("of => getComputedStyle(document.querySelector(of)).backgroundColor", of)
    return sum(float(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))


def test_it_is_dark_where_one_asks_for_dark_and_paper_is_white(visiting: Visiting) -> None:
    light, dark = visiting().go("/browse?type=unstable"), visiting(dark=True).go("/browse?type=unstable")
    assert brightness(light) == 3 * 255
    assert brightness(dark) < 3 * 40
    assert (brightness(light, ".shout"), brightness(dark, ".shout")) == (0, 3 * 255)
    dark.emulate_media(media="print")
    assert brightness(dark) == 3 * 255
    assert dark.evaluate("getComputedStyle(document.body).color") == light.evaluate("getComputedStyle(document.body).color")


def test_a_list_prints_without_what_only_a_screen_needs(visiting: Visiting) -> None:
    page = visiting().go("/browse?type=unstable")
    page.emulate_media(media="print")
    for gone in ("nav", "form", ".sheets", ".skip"):
        assert not page.locator(gone).first.is_visible(), gone
    for there in ("section.warning", "section.avoid", ".shout", ".card .picture", ".sources"):
        assert page.locator(there).first.is_visible(), there
    paper = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    text = " ".join(" ".join(sheet.extract_text() for sheet in paper.pages).split())
    for said in ("GENTLE", "What to avoid", "Figure 4 stretch", "Isometric squats", "Have you lost weight without trying?"):
        assert said in text, said
    assert len(paper.pages) <= 5
    assert (round(float(paper.pages[0].mediabox.width)), round(float(paper.pages[0].mediabox.height))) == (595, 842)


def test_a_program_prints_from_the_browser(visiting: Visiting) -> None:
    page = visiting().go("/browse?type=unstable")
    follow(page, "text=Open to print")
    paper = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    assert "GENTLE" in "".join(sheet.extract_text() for sheet in paper.pages)
    refuse_barriers(page)


@pytest.mark.parametrize("types", ["type=stiff", "type=unstable", "type=stiff&type=unstable"])
def test_a_browser_prints_as_many_pages_as_the_pdf_has(visiting: Visiting, served: Running, types: str) -> None:
    def sheets(body: bytes) -> int:
        return len(PdfReader(BytesIO(body)).pages)

    visit, given = visiting(), [one["slug"] for one in served.client.get("/groups").json()["items"]]
    pages = {}
    for groups in ("", "&group=none", "&group=pregnant&group=hypermobile", *(f"&group={slug}" for slug in given)):
        asked = f"/programs?{types}{groups}&format="
        paper = visit.go(f"{asked}html").pdf(prefer_css_page_size=True)
        pages[groups] = (sheets(paper), sheets(served.client.get(f"{asked}pdf").content))
    assert pages["&group=none"] == (2, 2)
    assert {groups: both for groups, both in pages.items() if both not in {(2, 2), (3, 3)}} == {}


def test_every_picture_is_there(visiting: Visiting) -> None:
    visit = visiting()
    for slug in EXERCISES:
        page = visit.go(f"/browse/{slug}")
        page.wait_for_load_state("networkidle")
        assert page.eval_on_selector_all("img", "all => all.filter(one => !one.naturalWidth).map(one => one.src)") == []
        assert page.locator("main img").count() > 0, slug
