from benchmarks.table import Section, in_order, replaced, table


def test_a_section_that_is_measured_again_replaces_only_itself() -> None:
    text = replaced(replaced("# Results\n", Section("a", "A", "one")), Section("b", "B", "two"))

    again = replaced(text, Section("a", "A", "three"))

    assert "one" not in again
    assert again.count("<!-- a -->") == 1
    assert again.index("three") < again.index("two")


def test_sections_come_in_the_order_that_is_asked_for() -> None:
    text = replaced(replaced("# Results\n", Section("b", "B", "two")), Section("a", "A", "one"))

    ordered = in_order(text, ["a", "b"])

    assert ordered.startswith("# Results\n")
    assert ordered.index("one") < ordered.index("two")
    assert in_order(ordered, ["a", "b"]) == ordered


def test_a_table_rounds_numbers_and_keeps_words() -> None:
    drawn = table(["what", "value"], [["x | y", 0.12345], ["z", None]])

    assert drawn.splitlines()[1] == "| --- | ---: |"
    assert "| x \\| y | 0.123 |" in drawn
    assert "| z | - |" in drawn
