"""Old journals give the same results.json, byte for byte, and the page the same numbers.

Five runs of different kinds are kept in tests/data/journals, each with the results and the summary
that were made of it. A change that alters them on purpose writes them anew:

    JOURNALS_REFRESH=1 python3 -m pytest tests/report/test_journals.py
"""

import gzip
import os

import pytest

from conftest import SOURCE, run_program

JOURNALS = SOURCE / "tests" / "data" / "journals"


@pytest.mark.parametrize("name", sorted(folder.name for folder in JOURNALS.iterdir()))
def test_an_old_journal_gives_the_same_results(name, tmp_path):
    kept = JOURNALS / name
    journal = tmp_path / "trials.jsonl"
    journal.write_bytes(gzip.decompress((kept / "trials.jsonl.gz").read_bytes()))
    done = run_program("concbench", "report", journal)
    assert done.returncode == 0, done.stderr
    results, summary = (tmp_path / "results.json").read_bytes(), (tmp_path / "summary.csv").read_bytes()
    if os.environ.get("JOURNALS_REFRESH"):
        (kept / "results.json.gz").write_bytes(gzip.compress(results, mtime=0))
        (kept / "summary.csv").write_bytes(summary)
    assert results == gzip.decompress((kept / "results.json.gz").read_bytes())
    assert summary == (kept / "summary.csv").read_bytes()
