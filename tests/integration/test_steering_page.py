"""Steering and callers' needs on the desk's page, in a real Chromium: an engineer teaches, a supervisor writes down."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.fakes.browser import log_in, opened_page
from tests.fakes.desk_bench import DeskBench
from tests.fakes.small_steering import INTENTS, SAID
from tests.fakes.steered_desk import steered_desk

pytestmark = pytest.mark.integration


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DeskBench]:
    """The desk of a small council with five weeks of steered calls."""
    async with steered_desk(tmp_path, monkeypatch) as bench:
        yield bench


# Issue 5, "the loop that nobody closes": "a weekly confusion matrix, suggested phrases … for an engineer to accept".
async def test_given_an_engineer_when_she_teaches_a_phrase_and_takes_it_back_then_the_page_says_so(
    desk: DeskBench, tmp_path: Path
) -> None:
    path = tmp_path / "dialplans/northmere/intents.yaml"
    async with opened_page(desk) as page:
        await log_in(page, desk, "engineer")
        table = page.get_by_role("region", name="Confusion matrix of northmere").locator("table")
        await expect(table).to_contain_text("Understood right: 75.0 % of 60")
        await expect(table.locator("tbody tr", has_text="missed_bin").locator("td").first).to_have_text("15")
        await expect(page.locator("#reviews .alarm")).to_contain_text("ALARM: misrouted 25.0 % of 60; 5.0 % of 240")
        await expect(page.locator("#needs")).to_be_hidden()
        phrase = page.get_by_label("missed_bin, understood as council_tax")
        await expect(phrase).to_have_value(SAID)
        await phrase.fill("they never took the purple bin")
        if shot := os.environ.get("GUILDHALL_SCREENSHOT"):
            await page.screenshot(path=shot.replace(".png", "-steering.png"), full_page=True)
        await page.get_by_role("button", name="Teach this phrase as missed_bin").click()
        await expect(page.locator("#taught")).to_contain_text("taught missed_bin (a1", timeout=120_000)
        assert "they never took the purple bin" in path.read_text("utf-8")
        await page.get_by_role("button", name="Take back a1").click()
        await expect(page.locator("#taught")).to_contain_text("is taken back (a1)", timeout=120_000)
        assert path.read_text("utf-8") == INTENTS
        assert [action for _who, action in await desk.audit() if action != "words_read"] == ["phrase_taught"] * 2
        # Another week is asked for, not remembered.
        await page.get_by_label("Week").select_option("1")
        await expect(page.locator("#reviews")).to_contain_text("Understood right: 95.0 % of 60")
        await page.set_viewport_size({"width": 320, "height": 640})
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320


# "Explicit flags (… registered number, with purpose and expiry)".
async def test_given_a_supervisor_when_she_writes_a_need_down_and_takes_it_out_then_the_page_says_so(
    desk: DeskBench,
) -> None:
    async with opened_page(desk) as page:
        await log_in(page, desk, "supervisor")
        await page.get_by_role("textbox", name="Number").fill("01632 960123")
        await page.get_by_role("combobox", name="Need").select_option("welsh")
        await page.get_by_role("textbox", name="Purpose").fill("<b>asked</b> for it on a form")
        await page.get_by_role("spinbutton", name="Days").fill("30")
        await page.get_by_role("button", name="Write down").click()
        await expect(page.locator("#status")).to_contain_text("welsh holds for 30 days")
        # Text, never markup; and her number is not on the page any more.
        await expect(page.locator("#need-rows")).to_contain_text("<b>asked</b> for it on a form")
        await expect(page.get_by_role("textbox", name="Number")).to_have_value("")
        if shot := os.environ.get("GUILDHALL_SCREENSHOT"):
            await page.screenshot(path=shot.replace(".png", "-needs.png"), full_page=True)
        await expect(page.get_by_role("button", name="Teach")).to_have_count(0)
        await page.get_by_role("button", name="Take out welsh").click()
        await expect(page.locator("#need-count")).to_have_text("0 needs")
        assert {action for _who, action in await desk.audit()} == {"need_added", "need_removed"}
