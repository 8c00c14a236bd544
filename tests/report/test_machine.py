"""The picture of the machine: who got which cores, and what is alike only once."""

import re

import make_results
from test_every_page import NODES
from test_report import report


def drawn(tmp_path, machine, **facts):
    document = make_results.build(scenarios=make_results.SCENARIOS[:1])
    document["environment"]["placement"].update(facts, machine=machine)
    make_results.dump(document, tmp_path / "results.json")
    report(tmp_path)
    page = (tmp_path / "report.html").read_text()
    found = re.search(r'<figure class="machine">.*?</figure>', page, re.S)
    return found and found.group()


def test_two_cpus(tmp_path):
    entry = {"package": 0, "node": 0, "cache": None, "cache_bytes": None, "cores": 1, "threads": 1}
    picture = drawn(tmp_path, [dict(entry, cpus="0", use="origin"), dict(entry, cpus="1", use="runner")], warning="remote: far <away>")
    assert picture.count("<div>") == 1 and picture.count("<i></i>") == 2
    assert picture.index("<b>origin</b> 1 core") < picture.index("<b>runner</b> 1 core")
    assert "remote: far &lt;away&gt;." in picture and "cache" not in picture


def test_96_cores_fold(tmp_path):
    picture = drawn(tmp_path, NODES)
    assert re.findall(r"(\d) like this, the first: package (\d), NUMA node (\d)", picture) == [("3", "0", "1"), ("4", "1", "4")]
    assert picture.count("<div>") == 3 and picture.count('class="two"') == 12  # the two sixes; twelve are a number only
    assert "6 fast cores of 2 threads" in picture and "cache of 32.0 MiB" in picture


def test_none_and_nonsense(tmp_path):
    assert drawn(tmp_path, []) is None
    many = [{"package": n, "use": "<b>", "cpus": "<i>", "cores": 1 << 40, "threads": -1, "kind": "<x>"} for n in range(200)]
    picture = drawn(tmp_path, [*many, 7, None, "x"])
    assert "139 more groups are not drawn" in picture and "&lt;x&gt;" in picture and "<x>" not in picture
