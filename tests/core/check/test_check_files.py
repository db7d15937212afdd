"""What a build server reads of a check: JUnit XML and Markdown, whatever things are called."""

import re
from xml.etree import ElementTree

from markdown_it import MarkdownIt

from core.remarks.remark import remark
from core.wording.check_files import junit, markdown
from tests.support.checks import FAILED, PASSED, UNDECIDED, check_result

HOSTILE = (
    "a|b <script>alert(1)</script> \"'&amp; `x` **y** _z_ [k](http://e.invalid) ![i](j) "
    "\x1b[31m\x00\ufffe\u202e\n| c | d |\n# big ]]> www.e.invalid @all :tada: \\| ~~s~~ \udcff"
)


def test_each_limit_is_a_test_case() -> None:
    root = ElementTree.fromstring(junit(check_result(PASSED, FAILED, UNDECIDED)))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")
    cases = root.findall("./testsuite/testcase")
    assert [one.get("name") for one in cases] == ["Accuracy kept at least 98.00%"] * 3
    assert [[child.tag for child in one] for one in cases] == [
        ["system-out"], ["failure", "system-out"], ["error", "system-out"],
    ]  # fmt: skip
    failure = cases[1].find("failure")
    assert failure is not None
    assert failure.get("message") == (
        "Failed: Accuracy kept is 95.00% (95% interval 93.00% to 97.00%, over 100 images, "
        "estimated; CPU, INT8 sums exact, rest bf16); the limit is at least 98.00%."
    )
    error = cases[2].find("error")
    assert error is not None
    assert error.get("message", "").endswith(
        "About 400 images (100 were measured) would decide, if the figure stays."
    )
    suite = root.find("testsuite")
    assert suite is not None
    assert suite.get("timestamp") == "2026-01-02T03:04:05"
    properties = [one.get("value", "") for one in root.iter("property")]
    ran = " ".join(properties)
    assert "parent asked CPU, true f32; executed f32 in 60 layers (Processor, 2 threads)" in ran
    assert "optimized asked CPU, default; executed int8 in 58 layers, bf16 in 2, INT8 sums" in ran


def test_hostile_names_are_text_in_junit() -> None:
    data = junit(check_result(FAILED, name=HOSTILE))
    root = ElementTree.fromstring(data)
    assert {one.tag for one in root.iter()} == {
        "testsuites", "testsuite", "properties", "property", "testcase", "failure", "system-out",
    }  # fmt: skip
    assert "<script>alert(1)</script>" in root.get("name", "")
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ufffe]", data.decode())


def test_a_summary_has_a_row_for_each_limit() -> None:
    page = markdown(check_result(PASSED, UNDECIDED)).decode()
    assert "**Undecided: of 2 limits 1 is undecided.**" in page
    kept = "| Accuracy kept | at least 98.00% | 99.00% | 98.50% to 99.50% "
    assert f"{kept}| CPU, INT8 sums exact, rest bf16 | Passed |" in page
    assert "would decide, if the figure stays." in page
    html = MarkdownIt("commonmark").enable("table").render(page)
    assert html.count("<tr>") == 3
    assert "<td>Undecided</td>" in html


def test_hostile_names_are_text_in_markdown() -> None:
    page = markdown(
        check_result(
            PASSED,
            name=HOSTILE,
            problems=(remark("image_unknown", image=HOSTILE), remark(HOSTILE, name=HOSTILE)),
        )
    ).decode()
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(page)
    assert set(re.findall(r"<(\w+)", html)) == {
        "h2", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "ul", "li",
    }  # fmt: skip
    assert html.count("<strong>") == 1
    assert html.count("<tr>") == 2
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ufffe\udcff]", page)
    # what a site makes links, mentions and images of begins with what is escaped
    assert not re.search(r"(?<!\\)(://|@all|:tada)|www\.", page)
