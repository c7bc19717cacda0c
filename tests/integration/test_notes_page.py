"""Notes on the desk's page, in a real Chromium: an agent's own call, a supervisor's choice, a past call's recording."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from kernel.commands import TakeNote
from tests.fakes.browser import log_in, opened_page
from tests.fakes.desk_bench import LIVE, NORTHMERE, DeskBench

pytestmark = pytest.mark.integration

HOSTILE = "<img src=x onerror=alert(1)>has a stick"
OTHER = "c1764000000-88"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[DeskBench]:
    bench = await DeskBench(tmp_path).open()
    yield bench
    await bench.close()


def own(call: str, stand: str, *texts: str) -> dict[str, object]:
    notes = [{"id": at, "by": "northmere-a003", "at": 1764000000.0, "text": text} for at, text in enumerate(texts)]
    return {"call": call, "council": NORTHMERE, "stand": stand, "needs": ["more_time"], "notes": notes}


# C32 as the next agent sees it: what was noted, while her phone rings; hers goes to the call she began it for.
async def test_c32_given_an_agent_when_her_phone_rings_then_the_notes_are_there_and_hers_go_to_the_right_call(
    desk: DeskBench,
) -> None:
    call = await desk.note(NORTHMERE, "one")
    desk.engine.own = own(call, "ringing", HOSTILE)
    async with opened_page(desk) as page:
        await log_in(page, desk, "agent")
        # Text, never markup.
        await expect(page.locator("#my-notes li p")).to_have_text(HOSTILE)
        await expect(page.locator("#note-call")).to_have_text(
            f"Your phone rings for {call}: 1 note. The caller asked for: more time."
        )
        await expect(page.get_by_role("button", name="Note it")).to_be_disabled()
        desk.engine.own = own(call, "talking", HOSTILE, "side door")
        await expect(page.locator("#my-notes li")).to_have_count(2, timeout=20_000)
        await page.get_by_label("For whoever has the caller next").fill("is coming on Tuesday")
        if shot := os.environ.get("GUILDHALL_SCREENSHOT"):
            await page.screenshot(path=shot.replace(".png", "-notes.png"), full_page=True)
        # The next call comes before she is done.
        desk.engine.own = own(OTHER, "talking")
        await expect(page.locator("#note-call")).to_contain_text(f"{OTHER}: no notes yet", timeout=20_000)
        await expect(page.locator("#note-for")).to_have_text(f"Your text is for {call}, the call before.")
        await page.get_by_role("button", name="Note it").click()
        await expect(page.locator("#status")).to_have_text(f"Noted on {call}.")
        await expect(page.get_by_label("For whoever has the caller next")).to_have_value("")
        # Nothing of a call stays on a page that somebody has left; whoever logs in next sees her own.
        desk.engine.own = own(call, "talking", HOSTILE)
        await expect(page.locator("#my-notes li")).to_have_count(1, timeout=20_000)
        await page.get_by_role("button", name="Log out").click()
        await expect(page.get_by_label("Password")).to_be_visible()
        assert "has a stick" not in await page.content()
        await page.get_by_label("Name").fill("")
        await page.get_by_label("Name").focus()
        await log_in(page, desk, "agent")
        await expect(page.locator("#my-notes li p")).to_have_text(HOSTILE)
        await page.set_viewport_size({"width": 320, "height": 640})
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    asked = [(one.contact, one.text) for one in desk.engine.asked if isinstance(one, TakeNote)]
    assert asked == [(call, "is coming on Tuesday")]


async def test_given_a_supervisor_when_she_chooses_a_call_or_opens_a_recording_then_its_notes_are_shown(
    desk: DeskBench,
) -> None:
    call = await desk.note(NORTHMERE, HOSTILE)
    async with opened_page(desk) as page:
        await log_in(page, desk, "supervisor")
        await expect(page.locator("#notes")).to_be_hidden()
        await page.get_by_role("button", name="Notes on the call of northmere-a001").click()
        await expect(page.locator("#my-notes li p")).to_have_text(HOSTILE)
        await page.get_by_label("For whoever has the caller next").fill("rang the press office")
        await page.get_by_role("button", name="Note it").click()
        await expect(page.locator("#status")).to_have_text(f"Noted on {LIVE[NORTHMERE]}.")
        await page.get_by_role("button", name="Open the recording").click()
        await expect(page.locator("#noted-list li p")).to_have_text(HOSTILE)
    [asked] = [one for one in desk.engine.asked if isinstance(one, TakeNote)]
    assert (asked.agent, asked.contact, asked.by) == (None, call, "supervisor")
