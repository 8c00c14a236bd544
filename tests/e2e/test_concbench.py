"""The main job from end to end: scenario in, page out, against our origin and against nginx."""

import json

import pytest
from conftest import run_program
from nginx_server import NGINX, SMALL_BYTES, Nginx

SCENARIO = {
    "title": "A small one", "question": "Does it all fit together?",
    "models": ["sequential", "threads", "processes", "coroutines", "null"],
    "origin": {"bytes": 1000, "delay_ms": 30, "jitter_ms": 15, "tail_ppm": 100000, "tail_ms": 60},
    "load": {"concurrency": [1, 6], "requests": 12},
}


def results_of(out, charts=True):
    run = out / "latest"
    for name in ("report.html", "summary.md", "summary.csv", "trials.jsonl"):
        assert (run / name).stat().st_size > 0, name
    for kind in ("svg", "png"):
        sizes = [chart.stat().st_size for chart in (run / "charts").glob("*." + kind)]
        assert bool(sizes) == charts and all(sizes)
    done = run_program("concbench", "validate", run / "results.json")
    assert done.returncode == 0, done.stderr
    return json.loads((run / "results.json").read_text())


def run(tmp_path, *args, **changes):
    path = tmp_path / "fits.json"
    path.write_text(json.dumps({**SCENARIO, **changes}))
    return run_program("concbench", "run", path, "--out", tmp_path / "out", *args, timeout=900)


def cells_of(results):
    return {(cell["model"], cell["concurrency"]): cell for cell in results["cells"]}


def test_from_scenario_to_page(tmp_path):
    done = run(tmp_path, "--blocks", 6, "--seed", 11)
    assert done.returncode == 0, done.stderr
    assert "report.html" in done.stdout
    results = results_of(tmp_path / "out")
    cells = cells_of(results)
    assert len(cells) == 3 * 2 + 2
    for (model, concurrency), cell in cells.items():
        assert cell["status"] == "ok" and len(cell["trials"]) >= 6
        summary = cell["summary"]
        if model == "null":
            continue
        assert summary["latency_ns"]["min"] >= 30e6
        assert summary["tree_memory_bytes"]["median"] > 1e6
        for trial in cell["trials"]:
            assert trial["origin"]["requests"] == trial["requests"]
            assert trial["document"]["bytes_received"] == 1000 * trial["requests"]
            assert trial["cpu_total_ns"] >= trial["document"]["cpu_measured_ns"] * 0.9
        if concurrency == 6:
            assert max(t["origin"]["peak_in_flight"] for t in cell["trials"]) == 6
    # Six wait together for what sequential waits for one after the other; a busy machine adds to both.
    for model in ("threads", "processes", "coroutines"):
        assert (cells[model, 6]["summary"]["throughput_per_s"]["median"]
                > 2 * cells["sequential", 1]["summary"]["throughput_per_s"]["median"])


def test_reports_of_one_result_are_the_same(tmp_path):
    assert run(tmp_path, "--blocks", 1, "--models", "threads,coroutines").returncode == 0
    page = tmp_path / "out" / "latest" / "report.html"
    first = page.read_bytes()
    done = run_program("concbench", "report", tmp_path / "out" / "latest")
    assert done.returncode == 0, done.stderr
    assert page.read_bytes() == first


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_somebody_elses_server(tmp_path):
    folder = tmp_path / "nginx"
    folder.mkdir()
    tmp_path.chmod(0o755)
    server = Nginx(folder)
    try:
        done = run(tmp_path, "--blocks", 2, "--url", server.plain + "/small", "--models",
                   "sequential,threads,processes,coroutines")
    finally:
        server.close()
    assert done.returncode == 0, done.stderr
    for cell in cells_of(results_of(tmp_path / "out")).values():
        assert cell["status"] == "ok"
        for trial in cell["trials"]:
            assert trial["origin"] is None
            assert trial["document"]["bytes_received"] == SMALL_BYTES * trial["requests"]


def test_a_broken_server_ranks_nothing(tmp_path):
    """503 for everything: trials are kept, invalid, with their reason; exit code 4."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path / "nginx"
    folder.mkdir()
    tmp_path.chmod(0o755)
    server = Nginx(folder)
    try:
        done = run(tmp_path, "--blocks", 1, "--url", server.plain + "/broken", "--models",
                   "threads,coroutines")
    finally:
        server.close()
    assert done.returncode == 4
    results = results_of(tmp_path / "out", charts=False)
    assert results["scenarios"][0]["verdict"]["form"] == "not-publishable"
    for cell in results["cells"]:
        assert cell["status"] == "invalid" and cell["summary"] is None
        assert {t["invalid_reason"]["class"] for t in cell["trials"]} == {"failed-requests"}
