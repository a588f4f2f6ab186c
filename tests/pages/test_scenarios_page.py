"""The page of scenarios: levers in the address, scenarios kept, opened, compared and forgotten, what cannot be moved locked."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics import store
from analytics.i18n import LANGUAGES, Words
from analytics.settings import DEFAULT_WORKSPACE
from tests.pages.conftest import Open, texts

HOSTILE = "*a* [x](http://tracker.example) <b>"


def value(app: AppTest, name: str, say: Words) -> str:
    return str(next(one.value for one in app.metric if one.label == say(f"studies.scenarios.estimates.{name}.label")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lever_in_the_address_moves_what_hangs_on_it_and_others_are_locked_with_their_reason(
    language: str, sample: Path, open_page: Open
) -> None:
    say = Words(language, "GBP")
    today, richer = open_page("scenarios", language), open_page("scenarios", language, earn="2")
    assert [error.value for error in (*today.error, *richer.error)] == []
    assert richer.slider(key="earn").value == 2.0
    assert value(today, "outstanding", say) != value(richer, "outstanding", say)
    assert {one.delta for one in today.metric} <= {None, ""}
    assert "100" in str(next(one.delta for one in richer.metric if one.label == say("studies.scenarios.estimates.outstanding.label")))
    assert today.slider(key="thresholds").disabled
    assert say("scenarios.locked.no_rules") in texts(today).replace("\\", "")
    assert say("scenarios.assumptions.habits") in texts(today).replace("\\", "")


def test_scenarios_are_kept_opened_compared_and_forgotten(sample: Path, open_page: Open) -> None:
    app, say = open_page("scenarios", earn="2"), Words("en", "GBP")
    richer = value(app, "outstanding", say)
    _keep(app, HOSTILE)
    assert store.remembered(DEFAULT_WORKSPACE, "scenarios")[HOSTILE]["earn"] == 2.0
    app.button(key="levers_reset").click().run()
    assert app.slider(key="earn").value == 1.0
    today = value(app, "outstanding", say)
    assert today != richer
    _keep(app, "as now")
    shown = app.dataframe[-1].value
    assert list(shown.columns[1:]) == [say("scenarios.now"), HOSTILE, "as now"]
    row = shown.set_index(shown.columns[0]).loc[say("studies.scenarios.estimates.outstanding.label")]
    assert row.tolist() == [today, richer, today]
    app.button(key=f"open_{HOSTILE}").click().run()
    assert app.slider(key="earn").value == 2.0
    assert "[x](http" not in texts(app)
    app.button(key=f"delete_{HOSTILE}").click().run()
    assert list(store.remembered(DEFAULT_WORKSPACE, "scenarios")) == ["as now"]
    assert [error.value for error in app.error] == []


def _keep(app: AppTest, name: str) -> None:
    app.text_input(key="scenario_name").set_value(name)
    app.button(key="scenario_keep").click().run()


def test_a_scenario_whose_effect_is_not_fitted_says_so_beside_the_others(sample: Path, open_page: Open) -> None:
    store.remember(DEFAULT_WORKSPACE, "scenarios", "rich", {"earn": 2.0})
    store.remember(DEFAULT_WORKSPACE, "scenarios", "thirty per cent", {"margin": 0.3})
    app, say = open_page("scenarios"), Words("en")
    assert list(app.dataframe[-1].value.columns[1:]) == [say("scenarios.now"), "rich"]
    assert say("pages.scenarios.unfitted", name="thirty per cent") in texts(app)


def test_a_scenario_without_a_name_is_not_kept(sample: Path, open_page: Open) -> None:
    app = open_page("scenarios")
    _keep(app, "  ")
    assert store.remembered(DEFAULT_WORKSPACE, "scenarios") == {}
