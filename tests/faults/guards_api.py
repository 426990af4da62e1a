"""The guards of the API's doors, by the promise that each keeps."""

from __future__ import annotations

from typing import Final

from tests.faults.guards import Guard, guard

MATRIX: Final = ("fault_17_port.py::test_no_header_of_a_page_gets_past_any_route",)

API_GUARDS: Final[tuple[Guard, ...]] = (
    guard(
        "16",
        "the kernel says who asks",
        ("service/peer.py", "    if uid != os.geteuid():", "    if False:"),
        tests=("fault_16_other_user.py",),
    ),
    guard(
        "16",
        "what is not listed is refused where one may only look",
        ("service/looking.py", "    return pattern is not None and pattern.", "    return True or pattern."),
        tests=("tests/integration/service/test_looking.py",),
    ),
    guard(
        "17",
        "the host is one of ours",
        ("service/guarding.py", '        if headers.all("host") not in (', "        if False and () in ("),
        tests=MATRIX,
    ),
    guard(
        "17",
        "no foreign page asks",
        ("service/guarding.py", "not in self._origins for one in origins", "is None for one in origins"),
        tests=MATRIX,
    ),
    guard(
        "17",
        "a token is borne",
        (
            "service/guarding.py",
            "        rights = self._tokens.rights(",
            '        rights = "act" or self._tokens.rights(',
        ),
        tests=MATRIX,
    ),
    guard(
        "17",
        "slow requests are given up",
        ("service/patience.py", "self.loop.call_later(patience_s", "self.loop.call_later(9_999"),
        tests=("fault_17_port.py::test_a_request_that_comes_byte_by_byte_is_given_up",),
    ),
    guard(
        "18",
        "queries are in no log",
        (
            "service/recording.py",
            'scope["raw_path"].decode(',
            '(scope["raw_path"] + scope["query_string"]).decode(',
        ),
        tests=("fault_18_api.py",),
    ),
    guard(
        "20",
        "a listing is one that a filter could say",
        ("domain/query_check.py", "        if what:", "        if False:"),
        tests=("fault_20_api.py::test_what_once_broke_the_owner",),
    ),
)
