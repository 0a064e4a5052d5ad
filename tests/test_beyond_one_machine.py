"""README's "Beyond one machine": each of its sentences, and the tests that hold it."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from seedream.errors import SeedreamError
from seedream.limits.limiter import Limits
from seedream.runcomfy.responses import Output
from seedream.schema import load
from seedream.settings import LimitRules, Settings
from seedream.ui.routes import routes
from seedream.ui.services import make_services
from seedream.ui.signed_urls import SignedUrls
from tests.readme import README
from tests.replicas import CONFIGURATION
from tests.servers import ROOT, free_port

HERE = "tests/test_beyond_one_machine.py"
TRIAL = "tests/trials/test_replicas_once.py"
REPLICAS = "tests/browser/test_replicas.py"
SURVIVES = "tests/browser/test_survives.py"
CLAIMS = "tests/jobs/test_claims.py"
# Each sentence by its beginning, in README's order.
HELD = {
    "Any number of replicas": [f"{REPLICAS}::test_jobs_survive_the_loss_of_a_replica_and_are_counted_together"],
    "Give all of them the same `SEEDREAM_SECRET`": [
        f"{HERE}::test_a_picture_is_found_by_every_process_with_the_secret",
        "tests/ui/test_sealed_tokens.py::test_any_process_with_the_secret_opens_what_another_has_sealed",
    ],
    "Set `SEEDREAM_TRUSTED_PROXIES`": [
        "tests/limits/test_limiter.py::test_visitor_address",
        "tests/browser/test_limits_page.py::test_a_forged_address_is_not_believed_behind_a_proxy",
    ],
    "`/healthz` answers": [f"{HERE}::test_a_process_is_well_though_runcomfy_is_away"],
    "`tests/nginx.conf` is": [
        f"{HERE}::test_the_configuration_is_the_one_that_is_named",
        f"{REPLICAS}::test_jobs_survive_the_loss_of_a_replica_and_are_counted_together",
        f"{REPLICAS}::test_a_script_stays_with_the_replica_that_took_its_call",
    ],
    "Give them one Redis": [f"{TRIAL}::test_each_press_is_paid_once_by_whom_it_says"],
    "A press is paid for once": [
        f"{CLAIMS}::test_copies_at_several_replicas_are_one_job_that_each_of_them_follows",
        f"{REPLICAS}::test_a_press_that_the_browser_sends_again_by_itself_is_one_job_whichever_replica_gets_the_copy",
        f"{TRIAL}::test_each_press_is_paid_once_by_whom_it_says",
    ],
    "A script's key holds at all": [f"{REPLICAS}::test_a_scripts_key_holds_at_every_replica"],
    "What visitors spend": ["tests/limits/test_limiter.py::test_two_processes_share_one_redis"],
    "Of a job whose replica dies": [
        f"{CLAIMS}::test_nobody_knows_what_a_replica_did_that_died_at_it",
        f"{TRIAL}::test_a_copy_that_reaches_the_next_process_spends_nothing_and_is_unknown",
    ],
    "While the Redis is away": [
        f"{CLAIMS}::test_without_the_redis_nothing_is_sent_and_the_key_is_not_lost",
        f"{CLAIMS}::test_what_was_submitted_goes_on_without_the_redis",
        f"{HERE}::test_no_ticket_is_given_while_the_redis_is_away",
        f"{SURVIVES}::test_where_no_ticket_is_to_be_had_nothing_is_sent",
    ],
    "A press from before the Redis": [f"{CLAIMS}::test_a_redis_that_forgot_its_claims_honours_no_earlier_press"],
    "A press is for one process alone": [
        f"{CLAIMS}::test_without_a_redis_a_press_is_for_one_process_alone",
        "tests/ui/test_tickets.py::test_a_ticket_names_the_claims_of_the_process_that_gave_it",
        f"{TRIAL}::test_a_copy_that_reaches_the_next_process_spends_nothing_and_is_unknown",
        f"{TRIAL}::test_each_press_is_paid_once_by_whom_it_says",
    ],
    "The page brings its press again": [
        f"{SURVIVES}::test_a_press_that_reaches_another_process_is_brought_again_until_it_reaches_its_own",
        f"{TRIAL}::test_a_copy_that_reaches_the_next_process_spends_nothing_and_is_unknown",
    ],
    "A script's key holds at the process": [
        "tests/ui/test_endpoints.py::test_a_script_may_name_its_own_key_and_take_the_job_up_by_it"
    ],
    "Each process counts by itself": [f"{HERE}::test_without_a_redis_each_process_counts_by_itself"],
    "The log has a line": [
        "tests/jobs/test_log_line.py::test_a_job_is_one_line_with_its_times",
        "tests/jobs/test_log_line.py::test_the_app_writes_it_and_says_that_it_is_well",
        f"{TRIAL}::test_a_copy_that_reaches_the_next_process_spends_nothing_and_is_unknown",
    ],
    "A process that was killed": [
        f"{TRIAL}::test_a_copy_that_reaches_the_next_process_spends_nothing_and_is_unknown"
    ],
}


def sentences() -> list[str]:
    """Return the section's sentences; those that lead over to a list are none."""
    section = README.read_text(encoding="utf-8").split("### Beyond one machine\n")[1].split("\n## ")[0]
    blocks = re.split(r"\n\n|\n- ", section)
    plain = [re.sub(r"\s+", " ", block.removeprefix("- ")).strip() for block in blocks]
    found = [each for block in plain for each in re.split(r"(?<=\.) (?=[A-Z`])", block)]
    return [each for each in found if each and not each.endswith(":")]


@lru_cache
def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}


def test_each_sentence_is_held_by_tests() -> None:
    said = sentences()
    assert len(said) == len(HELD), said
    for sentence, beginning in zip(said, HELD, strict=True):
        assert sentence.startswith(beginning)


@pytest.mark.parametrize("test", sorted({test for tests in HELD.values() for test in tests}))
def test_what_holds_a_sentence_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    assert name in functions_of(file)


def test_a_picture_is_found_by_every_process_with_the_secret() -> None:
    output = Output("https://files.runcomfy.net/1.png", "image", "its job")
    signed = SignedUrls(b"the same for all replicas").sign(output)
    read = SignedUrls(b"the same for all replicas").read(signed)
    assert read == output and read.job == "its job"
    assert SignedUrls(b"another").read(signed) is None


def test_the_configuration_is_the_one_that_is_named() -> None:
    assert CONFIGURATION.relative_to(ROOT).as_posix() == "tests/nginx.conf"


def test_a_process_is_well_though_runcomfy_is_away() -> None:
    with _asked() as page:
        assert page.get("/healthz").text == "ok"


def test_no_ticket_is_given_while_the_redis_is_away() -> None:
    away = f"redis://127.0.0.1:{free_port()}/0"
    with _asked(limits_storage=away) as page, pytest.raises(SeedreamError, match="claim_unreachable"):
        page.post("/atelier/ticket")


async def test_without_a_redis_each_process_counts_by_itself() -> None:
    one, other = (Limits(LimitRules(jobs_per_visitor=1)) for _ in range(2))
    request = load().request({"prompt": "a heron"})
    for limits in (one, other):
        await limits.reserve("ada", request)
        with pytest.raises(SeedreamError, match="limit_jobs_visitor"):
            await limits.reserve("ada", request)


def _asked(**settings: str) -> TestClient:
    """Return a client of this page's routes, whose API answers nothing."""
    away = Settings(token="an owner's", base_url=f"http://127.0.0.1:{free_port()}", offline=False, **settings)  # type: ignore[arg-type]
    return TestClient(Starlette(routes=routes(make_services(away))))
