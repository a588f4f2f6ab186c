"""Parameters from text, as the terminal and the address bar give them."""

import pytest

from analytics import studies
from analytics.errors import UserError
from analytics.studies.base import Filters
from analytics.studies.segments import Params


def test_text_becomes_the_types_of_the_fields() -> None:
    params = studies.params_from(studies.CATALOGUE["segments"], {"method": "clusters", "clusters": "4", "list_size": "20"})
    assert params == Params(method="clusters", clusters="4", list_size=20)


def test_filters_are_given_beside_the_other_parameters() -> None:
    texts = {"period": "2024-01..2024-06", "region": "North|Korea, Republic of"}
    params = studies.params_from(studies.CATALOGUE["segments"], texts)
    assert params.filters == Filters(period=("2024-01", "2024-06"), region=("North", "Korea, Republic of"))


@pytest.mark.parametrize(
    ("texts", "key"),
    [
        ({"colour": "red"}, "unknown_param"),
        ({"clusters": "9"}, "bad_param"),
        ({"list_size": "many"}, "bad_param"),
        ({"list_size": "-1"}, "bad_param"),
        ({"period": "2024-06..2024-01"}, "bad_param"),
        ({"period": "2024"}, "bad_param"),
    ],
)
def test_what_a_parameter_cannot_be_is_said_to_the_user(texts: dict[str, str], key: str) -> None:
    with pytest.raises(UserError) as error:
        studies.params_from(studies.CATALOGUE["segments"], texts)
    assert error.value.key == key


def test_a_study_without_filters_does_not_take_them() -> None:
    with pytest.raises(UserError, match="unknown_param"):
        studies.params_from(studies.CATALOGUE["quality"], {"region": "North"})
