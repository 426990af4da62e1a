"""Facts: the JSON of an event reads as empty where it is not what was expected, and never raises."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tasktui.domain.facts import Facts

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["a", "b"]), inner),
    max_leaves=8,
)


def test_fields_of_the_right_type():
    facts = Facts(
        b'{"text":"x","int":3,"float":2.5,"yes":true,"deep":{"a":"b"},"list":["a",1,{"k":"v"}]}', {"@run": 2}
    )
    assert not facts.broken
    assert [facts.text(name) for name in ("text", "int", "float", "yes", "none", "@run")] == [
        "x", "3", "2.5", "", "", "2",
    ]  # fmt: skip
    assert [facts.number(name) for name in ("text", "int", "float", "yes")] == [None, 3, 2, None]
    assert facts.flag("yes")
    assert facts.flag("none", default=True)
    assert not facts.flag("text")
    assert facts.record("deep").text("a") == "b"
    assert facts.record("text").names() == []
    assert facts.words("list") == ["a"]
    assert [item.text("k") for item in facts.records("list")] == ["v"]
    assert facts.words("text") == []
    assert facts.records("text") == []
    assert facts.pretty("deep") == '{\n "a": "b"\n}'
    assert facts.pretty("none") == ""


def test_broken_data_is_said_to_be_broken():
    for data in (b"{", b"[1]", b"\xff\xfe", "[" * 100_000, b'{"a": ' + b"9" * 5_000 + b"}"):
        assert Facts(data).broken
    assert not Facts(None).broken
    assert Facts(b'{"a": Infinity, "b": NaN}').number("a") is None
    assert Facts(b'{"a": Infinity, "b": NaN}').number("b") is None


@given(JSON)
def test_no_json_raises(value):
    facts = Facts.of({"a": value})
    assert isinstance(facts.text("a"), str)
    assert isinstance(facts.number("a"), int | None)
    assert isinstance(facts.flag("a"), bool)
    assert isinstance(facts.pretty("a"), str)
    assert all(isinstance(word, str) for word in facts.words("a"))
    assert all(isinstance(item, Facts) for item in facts.records("a"))
    assert isinstance(facts.record("a"), Facts)


def test_a_value_as_it_is_and_a_finite_number():
    facts = Facts('{"a": [1, {"b": null}], "cost": 0.25, "odd": NaN, "big": 1e999, "yes": true, "n": 3}')
    assert facts.value("a") == [1, {"b": None}]
    assert facts.value("none") is None
    assert [facts.real(name) for name in ("cost", "odd", "big", "yes", "n", "a")] == [
        0.25, None, None, None, 3.0, None,
    ]  # fmt: skip
    assert Facts.of({"huge": 10**400}).real("huge") is None
