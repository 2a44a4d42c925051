"""A hand at a page: it signs in, taps and types, and counts what it had to do."""

from playwright.sync_api import Locator, Page

PAUSE = 20_000


class Hand:
    """``screens``: pages on which something was done. ``taps``: taps and keys besides typing."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._page_number = 0
        page.set_default_timeout(PAUSE)
        page.on("domcontentloaded", self._opened)
        self.begin()

    def _opened(self, _page: Page) -> None:
        self._page_number += 1

    def begin(self) -> None:
        """Count from here."""
        self._used: set[int] = set()
        self.taps = 0

    @property
    def screens(self) -> int:
        return len(self._used)

    def _act(self, taps: int) -> None:
        self._used.add(self._page_number)
        self.taps += taps

    def tap(self, what: Locator) -> None:
        self._act(1)
        what.click()

    def press(self, word: str) -> None:
        """Tap the button or link with exactly these words."""
        button = self.page.get_by_role("button", name=word, exact=True)
        self.tap(button.or_(self.page.get_by_role("link", name=word, exact=True)).first)

    def type(self, label: str, text: str) -> None:
        """Tap a field and type; the typing itself is not counted."""
        self._act(1)
        self.page.get_by_label(label, exact=True).fill(text)

    def tick(self, label: str) -> None:
        self._act(1)
        self.page.get_by_label(label).check()

    def choose(self, label: str, option: str) -> None:
        """Choose from a list: one tap opens it, one chooses."""
        self._act(2)
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def confirm(self) -> None:
        """Accept what was found, read, confirm."""
        rest = self.page.get_by_role("button", name="Accept the rest")
        if rest.count():
            self.tap(rest)
        self.tick("I have read the text above to its end.")
        self.press("Confirm this text")

    def draw(self) -> None:
        """Draw a signature in one stroke."""
        pad = self.page.locator(".signpad")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box
        mouse, x, y = self.page.mouse, box["x"], box["y"] + box["height"] / 2
        self._act(1)
        mouse.move(x + 20, y)
        mouse.down()
        for step in range(1, 8):
            mouse.move(x + 20 + step * 18, y + (-1) ** step * 14)
        mouse.up()

    def sign_in(self, email: str, password: str) -> None:
        self.page.goto("/sign-in")
        self.type("E-mail", email)
        self.type("Password", password)
        self.press("Sign in")
        self.page.wait_for_url("**/inbox")
