"""A real browser at the service as it is served. Without a browser these tests fail: a page that nobody looked at is not tested."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.processes import Running, running

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDE, PHONE, NARROW = (1280, 900), (390, 844), (320, 640)


@dataclass
class Visit:
    """A visitor with a window of their own; whatever goes wrong in it is written down."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a page of the service."""
        self.page.goto(self.base + path)
        return self.page

    @property
    def path(self) -> str:
        """Where the visitor is, as the address shows it."""
        return self.page.url.removeprefix(self.base)


Visiting = Callable[..., Visit]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("served")
    with running(f"sqlite:///{folder}/library.db", folder) as one:
        yield one


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert program, f"no browser here: install one of {', '.join(BROWSERS)}"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=program, args=OPTIONS)


@pytest.fixture
def visiting(browser: Browser, served: Running) -> Iterator[Visiting]:
    """Open windows; when the test ends, none may have complained or asked anybody else."""
    contexts: list[BrowserContext] = []
    visits: list[Visit] = []

    def open_window(size: tuple[int, int] = WIDE, *, javascript: bool = True, dark: bool = False) -> Visit:
        width, height = size
        contexts.append(
            browser.new_context(
                viewport={"width": width, "height": height},
                java_script_enabled=javascript,
                color_scheme="dark" if dark else "light",
                reduced_motion="reduce",
            )
        )
        visits.append(Visit(contexts[-1].new_page(), served.base))
        _write_down(visits[-1])
        return visits[-1]

    yield open_window
    for context in contexts:
        context.close()
    assert [complaint for visit in visits for complaint in visit.complaints] == []


def _write_down(visit: Visit) -> None:
    """Write down what goes wrong in any window of a visitor: messages on the console, errors of scripts, requests that go elsewhere."""

    def console(message: ConsoleMessage) -> None:
        # A browser also says that a page has the status of an error: some of ours mean to.
        if not (message.text.startswith("Failed to load resource") and message.page and message.location["url"] == message.page.url):
            visit.complaints.append(f"{message.type}: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith(f"{visit.base}/"):
            visit.complaints.append(f"asked {request.url}")

    def failed(request: Request) -> None:
        # A download ends what began as the request for a page.
        if request.failure != "net::ERR_ABORTED":
            visit.complaints.append(f"{request.url}: {request.failure}")

    visit.page.context.on("console", console)
    visit.page.context.on("weberror", lambda error: visit.complaints.append(str(error.error)))
    visit.page.context.on("request", asked)
    visit.page.context.on("requestfailed", failed)


def follow(page: Page, link: str) -> None:
    """Click what leads to another page, and wait until that is there: a click alone may return before."""
    with page.expect_navigation():
        page.click(link)


def answer_all(page: Page, **chosen: str) -> None:
    """Answer every question with no, but for some, step by step where there are steps."""
    while page.locator("button.back:visible").count():
        page.click("button.back")
    while True:
        for question in page.locator("fieldset.ask:visible").all():
            name = question.get_attribute("id") or ""
            question.locator(f"input[value={chosen.get(name, 'no')}]").check()
        if not page.locator("button.next:visible").count():
            return
        page.click("button.next")


def offered(page: Page) -> list[str]:
    """Give the exercises that are in sight as offered, in their order."""
    links = page.eval_on_selector_all("#exercises ~ ul h3 a, section:has(> #exercises) h3 a", "all => all.map(one => one.pathname)")
    return [str(link).rpartition("/")[2] for link in links]
