"""A real Chromium on the desk's page."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from playwright.async_api import Page, async_playwright, expect

from tests.fakes.desk_bench import DeskBench

#: Debian's; playwright's own browsers are downloads from elsewhere.
CHROMIUM = "/usr/bin/chromium"


@contextlib.asynccontextmanager
async def opened_page(desk: DeskBench) -> AsyncIterator[Page]:
    """A fresh browser on the desk's page; nothing it complains of is passed over."""
    complaints: list[str] = []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        page = await browser.new_page(viewport={"width": 1280, "height": 1000})
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        await page.goto(f"http://127.0.0.1:{desk.port}/")
        yield page
        await browser.close()
    assert complaints == []


async def log_in(page: Page, desk: DeskBench, user: str) -> None:
    """By keyboard: the name's field has the focus already."""
    await expect(page.get_by_label("Name")).to_be_focused()
    await page.keyboard.type(user)
    await page.keyboard.press("Tab")
    await page.keyboard.type(desk.passwords[user])
    await page.keyboard.press("Enter")
    await expect(page.locator("#who-name")).to_contain_text(user)
