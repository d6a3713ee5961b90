"""The documentation in a browser: it shows the document, tries it out, and is refused nothing by its own policy."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visiting

pytestmark = pytest.mark.browser


def test_an_operation_is_tried_out_on_the_page(visiting: Visiting) -> None:
    page = visiting().go("/docs")
    operation = page.locator("#operations-reference-getType")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_placeholder("slug").fill("stiff")
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response .response-col_status")).to_contain_text("200")


def test_a_printed_program_shows_its_style_and_its_drawings(visiting: Visiting) -> None:
    page = visiting().go("/programs?type=unstable&format=html")
    assert page.locator("svg").count() > 0
    page.emulate_media(media="print")
    assert page.evaluate("document.styleSheets.length") > 0
