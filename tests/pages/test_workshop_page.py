"""The workshop: the truth hidden until it is asked for, another world made beside this one, and nothing of it on data of one's own."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics import demo, jobs, store
from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words
from analytics.settings import DEFAULT_WORKSPACE
from analytics.studies import CATALOGUE
from tests.pages.conftest import texts
from tests.studies.test_effect_truth import ANSWER, known

BESIDE = f"{DEFAULT_WORKSPACE}-workshop"


@pytest.fixture
def invented(sample: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sample as if it were the demo programme: a truth and an answer by hand, the same answer of every other world."""
    tell(DEFAULT_WORKSPACE)
    study = replace(CATALOGUE["overview"], id="effect", run=lambda house, params: ANSWER, fits=lambda params: ())
    monkeypatch.setitem(CATALOGUE, "effect", study)
    return sample


def tell(workspace: str, **switches: bool) -> None:
    store.record(workspace, replace(store.current(workspace), truth=known(**switches)))


def opened(language: str = "en") -> AppTest:
    """What the effect page draws in its tab."""

    def script() -> None:
        from types import SimpleNamespace

        from pages.shell.errors import user_errors
        from pages.shell.workshop import has_truth, workshop
        from tests.studies.test_effect_truth import ANSWER

        with user_errors():
            if has_truth():
                workshop(SimpleNamespace(margin=0.0), ANSWER)

    app = AppTest.from_function(script, default_timeout=30)
    app.query_params["lang"] = language
    return app.run()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_truth_is_hidden_until_it_is_asked_for(language: str, invented: Path) -> None:
    app, say = opened(language), Words(language, "GBP")
    assert say("workshop.guess") in texts(app)
    assert say("workshop.columns.truth") not in app.dataframe[0].value
    app.toggle(key="workshop_reveal").set_value(True).run()
    table = app.dataframe[0].value.set_index(say("workshop.columns.method"))
    gap = table.loc[say("workshop.methods.naive_gap")]
    assert gap[say("workshop.columns.outcome")] == say("workshop.outcomes.miss")
    assert (gap[say("workshop.columns.estimate")], gap[say("workshop.columns.truth")]) == (say.money(5), say.money(1))
    assert say("workshop.why.naive_gap.selection") in texts(app)
    assert [error.value for error in app.error] == []


class Made:
    """The making of a world, over at once: the same rows with another truth."""

    def __init__(self, place: str, language: str, *, off: list[str], on: list[str]) -> None:
        self.place, self.off, self.on = place, off, on

    def progress(self) -> jobs.Progress:
        return jobs.Progress(step="make", done=True)

    def cancel(self) -> None: ...

    def result(self) -> None:
        shutil.copytree(store.folder(DEFAULT_WORKSPACE), store.folder(self.place), dirs_exist_ok=True)
        tell(self.place, **dict.fromkeys(self.off, False), **dict.fromkeys(self.on, True))


def test_another_world_is_made_beside_this_one_and_stands_in_a_column_of_its_own(invented: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "Making", Made)
    before = store.current(DEFAULT_WORKSPACE)
    app, say = opened(), Words("en")
    app.toggle(key="workshop_reveal").set_value(True).run()
    assert app.button(key="workshop_make").disabled  # this world is the one at hand
    app.toggle(key="workshop_selection").set_value(False).run()
    app.button(key="workshop_make").click().run()
    table = app.dataframe[1].value
    other = say("workshop.changed.selection")
    assert list(table.columns) == [say("workshop.columns.method"), say("workshop.usual"), other]
    assert table[other].iloc[0].startswith(f"{say('workshop.outcomes.miss')} · ")
    assert demo.truth(store.current(BESIDE)) == known(selection=False)
    assert store.current(DEFAULT_WORKSPACE) == before
    assert [error.value for error in app.error] == []


def test_a_world_that_cannot_be_made_is_explained(invented: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Made) -> None:
        raise UserError("import_running", pid=7)

    monkeypatch.setattr(demo, "Making", Made)
    monkeypatch.setattr(Made, "result", full)
    app = opened()
    app.toggle(key="workshop_hidden_confounding").set_value(True).run()
    app.button(key="workshop_make").click().run()
    assert len(app.error) == 1
    assert "workshop_cancel" not in {button.key for button in app.button}


def test_data_of_ones_own_has_no_workshop(sample: Path) -> None:
    app = opened()
    assert len(app.dataframe) == 0
    assert not app.button
