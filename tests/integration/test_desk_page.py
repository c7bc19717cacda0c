"""The desk's page in a real Chromium: log in, find, hear, see the gaps, log out; by keyboard where it matters."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from kernel.commands import PauseRecording
from kernel.recording import Gap, Wanted
from lab.service import eventually
from tests.fakes.browser import log_in, opened_page
from tests.fakes.desk_bench import NORTHMERE, DeskBench
from tests.fakes.recordings_bench import RecordingsBench, contact

pytestmark = pytest.mark.integration


class Scribe:
    """Hears the same in every stretch."""

    def words(self, _pcm: bytes) -> str:
        return "my bin <b>was not</b> emptied"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[DeskBench]:
    bench = DeskBench(tmp_path)
    bench.recordings.scribe = Scribe()
    await bench.open()
    bench.let_in("nia", "records_officer", NORTHMERE)
    yield bench
    await bench.close()


@pytest.fixture
async def page(desk: DeskBench) -> AsyncIterator[Page]:
    async with opened_page(desk) as page:
        yield page


async def with_a_gap(bench: RecordingsBench) -> None:
    """Give Northmere's recording a pause that is no markup, a stretch that was never written, and one more pause."""
    [one] = await bench.catalogue.find(Wanted(councils=None, call=contact(1)))
    why = "paused by northmere-a001 for <img src=x onerror=alert(1)>, resumed by timer"
    lost = Gap(start=one.began + 1.4, seconds=40.0, why="the recorder stood still: nothing was written", lost=True)
    late = Gap(start=one.began + 41.6, seconds=0.2, why="paused by supervisor for bank details, resumed by supervisor")
    await bench.catalogue.tell_gaps(one.id, (Gap(start=one.began + 0.5, seconds=0.8, why=why), lost, late))


# Issue 6: "a page in the desk (small, working, tested in Chromium) with waveform, gaps, speed, download by right".
async def test_given_a_records_officer_when_she_opens_a_recording_then_it_plays_with_gaps_and_she_may_take_it_out(
    desk: DeskBench, page: Page, tmp_path: Path
) -> None:
    await with_a_gap(desk.recordings)
    await log_in(page, desk, "nia")
    await expect(page.locator("#count")).to_have_text("1 recording")
    await page.get_by_role("button", name="Open the recording").click()
    await expect(page.locator("#player-title")).to_be_focused()
    await expect(page.locator("#gaps")).to_contain_text(
        "0.8 s: paused by northmere-a001 for <img src=x onerror=alert(1)>"
    )
    # What was never written takes no time in the sound: what is behind it is heard that much earlier.
    await expect(page.locator("#gaps")).to_contain_text("At 0:01, 40 s lost: the recorder stood still")
    await expect(page.locator("#gaps")).to_contain_text("At 0:02, 0.2 s: paused by supervisor")
    drawn = "document.getElementById('wave').getContext('2d').getImageData(0, 0, 300, 100).data.some((one) => one > 0)"
    await eventually(lambda: page.evaluate(drawn))
    # The browser's own menu of the player would offer a copy to whoever may listen.
    await expect(page.locator("#audio")).to_have_attribute("controlslist", "nodownload")
    # Text, never markup; said to be a machine's.
    await expect(page.locator("#transcript-text")).to_contain_text("caller: my bin <b>was not</b> emptied")
    await expect(page.locator("#transcript-note")).to_contain_text("nobody checked it")
    await page.get_by_label("Speed").select_option("2")
    await page.evaluate("document.getElementById('audio').play()")
    await eventually(lambda: page.evaluate("document.getElementById('audio').currentTime > 0.5"))
    assert await page.evaluate("document.getElementById('audio').playbackRate") == 2
    assert await page.evaluate("document.getElementById('audio').duration") == pytest.approx(2.0, abs=0.2)
    if shot := os.environ.get("GUILDHALL_SCREENSHOT"):
        await page.screenshot(path=shot, full_page=True)
    async with page.expect_download() as taken:
        await page.get_by_role("button", name="Download MP3").click()
    path = tmp_path / "taken.mp3"
    await (await taken.value).save_as(path)
    assert path.stat().st_size > 1000
    assert {action for _who, action in await desk.audit()} == {"listen", "export"}
    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_label("Password")).to_be_visible()
    await expect(page.locator("#player")).to_be_hidden()


async def test_given_a_role_that_may_not_when_the_page_is_open_then_it_offers_nothing_more(
    desk: DeskBench, page: Page
) -> None:
    await page.get_by_label("Name").fill("auditor")
    await page.get_by_label("Password").fill("wrong")
    await page.keyboard.press("Enter")
    await expect(page.locator("#status")).to_contain_text("wrong name or password")
    await page.get_by_label("Name").fill("")
    await page.get_by_label("Name").focus()
    await log_in(page, desk, "auditor")
    await page.get_by_role("button", name="Open the recording").click()
    await expect(page.locator("#player")).to_be_visible()
    await expect(page.locator("#hearing")).to_be_hidden()
    assert await page.locator("#deeds button").count() == 0


# Issue 6: "Pause/resume by agent key, desk, API".
async def test_given_a_supervisor_when_she_pauses_and_resumes_a_call_then_the_page_says_so(
    desk: DeskBench, page: Page
) -> None:
    await log_in(page, desk, "supervisor")
    await expect(page.locator("#call-count")).to_have_text("1 call")
    await page.get_by_label("Pause for").select_option("bank details")
    await page.get_by_role("button", name="Pause the recording of northmere-a001").click()
    await expect(page.locator("#call-rows")).to_contain_text("paused by supervisor, goes on in")
    await expect(page.locator("#status")).to_contain_text("paused; it goes on by itself")
    if shot := os.environ.get("GUILDHALL_SCREENSHOT"):
        await page.screenshot(path=shot.replace(".png", "-calls.png"), full_page=True)
    await page.get_by_role("button", name="Resume the recording of northmere-a001").click()
    await expect(page.get_by_role("button", name="Pause the recording")).to_be_visible()
    [paused, _resumed] = desk.engine.asked
    assert isinstance(paused, PauseRecording)
    assert (paused.why, paused.by) == ("bank details", "supervisor")
    # Another engine's word, or none, is said and takes nothing from the page.
    desk.engine.away = True
    await page.get_by_role("button", name="Pause the recording").click()
    await expect(page.locator("#status")).to_contain_text("the engine is not running")


# WCAG 2.2 AA: 1.3.1 labels, 2.4.1 skip link, 2.4.7 focus seen, 1.4.10 reflow at 320 px, 2.5.8 targets of 24 px.
async def test_given_the_page_when_looked_at_then_the_basics_of_accessibility_hold(desk: DeskBench, page: Page) -> None:
    await log_in(page, desk, "nia")
    await page.get_by_role("button", name="Open the recording").click()
    await expect(page.locator("#player")).to_be_visible()
    unnamed = """[...document.querySelectorAll('input, select, button, canvas, table')].filter((one) =>
        !(one.labels?.length || one.getAttribute('aria-label') || one.textContent.trim() || one.caption)).length"""
    assert await page.evaluate(unnamed) == 0
    small = """[...document.querySelectorAll('button, input, select')].filter((one) => {
        const box = one.getBoundingClientRect(); return box.width && (box.width < 24 || box.height < 24) }).length"""
    assert await page.evaluate(small) == 0
    assert await page.evaluate("document.documentElement.lang") == "en"
    await page.set_viewport_size({"width": 320, "height": 640})
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
