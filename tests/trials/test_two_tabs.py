"""Fifty random interleavings of what two real tabs, their visitor and a server do with one browser's records."""

from __future__ import annotations

import json
import random
from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.page_scripts import MODULES
from tests.browser.visit import Visit, visit
from tests.controlled_api import ControlledApi, wait_until
from tests.servers import AppProcess

ROUNDS = 50
STEPS = 6
SEED = 20261125
_ACTS = ["generate"] * 4 + ["forget"] * 3 + ["forget all", "look", "draw", "finish", "reload"]

# The page's own modules: what the buttons of the history do, without looking for them.
_MODULE = f"""{MODULES}
  const jobs = $modules["job/store.js"];"""
_KEPT = f"""async () => {{
  {_MODULE}
  return {{ shown: jobs.shown(), remembered: jobs.remembered(), stored: {{ ...localStorage }} }};
}}"""
_FORGET = f"""async key => {{
  {_MODULE}
  const found = [...jobs.shown(), ...jobs.remembered()].find((job) => job.key === key);
  if (found) jobs.forget(found);
  return Boolean(found);
}}"""
_FORGET_ALL = f"""async () => {{
  {_MODULE}
  const all = [...jobs.shown(), ...jobs.remembered()].map(({{ key }}) => key);
  jobs.forgetAll();
  return all;
}}"""
_LOOK = f"""async key => {{
  {_MODULE}
  const {{ show }} = $modules["job/take-up.js"];
  const found = jobs.remembered().find((job) => job.key === key);
  if (found) show(found);
}}"""


def test_no_request_id_is_lost_and_nothing_forgotten_comes_back(
    browser: Browser, app: AppProcess, api: ControlledApi
) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    forgotten: set[str] = set()
    with visit(browser, app.url) as first:
        tabs = [first, Visit(first.page.context.new_page(), app.url)]
        for number in range(ROUNDS):
            acts = [(chance.choice(tabs), chance.choice(_ACTS)) for _ in range(STEPS)]
            made = _play(acts, chance, api, forgotten, number)
            _settled(tabs, api)
            _holds(tabs, made, forgotten)
            tabs[number % 2].page.evaluate(_FORGET_ALL)
            forgotten |= made
        assert [tab.faults for tab in tabs] == [[], []]
    print(f"{len(forgotten)} jobs in {ROUNDS} rounds")


def _play(
    acts: list[tuple[Visit, str]], chance: random.Random, api: ControlledApi, forgotten: set[str], number: int
) -> set[str]:
    """Act, and return the keys of the jobs that were made."""
    made: list[str] = []
    for tab, act in acts:
        if act == "generate":
            tab.prompt.fill(f"round {number}, picture {len(made)}")
            card = tab.generate()
            made.append(card.get_attribute("data-key") or "")
        elif act == "draw":
            api.draw()
        elif act == "finish":
            api.finish()
        elif act == "reload":
            tab.page.reload()
            expect(tab.page.locator("#gallery .gallery-empty, #gallery .job").first).to_be_attached()
        elif act == "forget all":
            forgotten.update(tab.page.evaluate(_FORGET_ALL))
        elif made:
            key = chance.choice(made)
            if act == "look" and key not in forgotten:
                tab.page.evaluate(_LOOK, key)
            if act == "forget" and tab.page.evaluate(_FORGET, key):
                forgotten.add(key)
    return set(made)


def _settled(tabs: list[Visit], api: ControlledApi) -> None:
    """Wait until no job of any tab is under way, those that are still on their way to the API, too."""

    def all_ended() -> bool:
        api.finish()
        return all(job["record"]["ended"] for tab in tabs for job in tab.page.evaluate(_KEPT)["shown"])

    wait_until(all_ended)


def _holds(tabs: list[Visit], made: set[str], forgotten: set[str]) -> None:
    for kept in [tab.page.evaluate(_KEPT) for tab in tabs]:
        entries: dict[str, Any] = {
            name.removeprefix("seedream.job."): json.loads(text)
            for name, text in kept["stored"].items()
            if name.startswith("seedream.job.")
        }
        for key in made - forgotten:
            assert entries[key]["record"]["request_id"]
            assert entries[key]["record"]["status"] == "completed"
        visible = {job["key"] for job in [*kept["shown"], *kept["remembered"]]}
        assert not visible & forgotten
        assert all("request" not in entries[key] for key in forgotten & entries.keys())
