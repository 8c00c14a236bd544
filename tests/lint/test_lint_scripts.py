"""The lint scripts find what they are for, name file and line, and let the rest pass."""

import os
import pathlib
import subprocess

import pytest

pytestmark = pytest.mark.skipif(os.environ["CONCBENCH_SANITIZE"] != "", reason="no program of ours runs in it")
SCRIPTS = pathlib.Path(os.environ["CONCBENCH_SOURCE"]) / "scripts"


def run(script, tree):
    done = subprocess.run([SCRIPTS / script, tree], capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(name="tree")
def make_tree(tmp_path):
    def add(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return tmp_path
    add("common/err.h", "int err_set(void);\n")
    add("harness/plan/plan.h", "int plan_make(void);\n")
    add("runtime/task/fetch.h", "int fetch(void);\n")
    return add


@pytest.mark.parametrize("name, line, complaint", [
    ("common/a.c", '#include "harness/plan/plan.h"', "common may not use harness"),
    ("common/a.c", "#include <curl/curl.h>", "common may not use curl"),
    ("common/a.c", '#include "../harness/plan/plan.h"', "common may not use harness"),
    ("runtime/a.c", "#include <event2/event.h>", "runtime may not use event"),
    ("runners/threads/main.c", '#include "harness/plan/plan.h"', "runners/threads may not use harness"),
    ("runners/threads/main.c", '#include "runners/processes/pool.h"', "may not use runners/processes"),
    ("harness/plan/plan.c", '#include "runtime/task/fetch.h"', "harness/plan may not use runtime/task"),
    ("harness/plan/plan.c", "#  include <curl/curl.h>", "harness/plan may not use curl"),
    ("origin/main.c", '#include "runtime/task/fetch.h"', "origin may not use runtime/task"),
    ("report/page/page.c", '#include "harness/plan/plan.h"', "report/page may not use harness"),
    ("harness/plan/plan.c", '#include "harness/trial/trial.h"', "harness/plan may not use harness/trial"),
    ("analysis/a.c", '#include "harness/plan/plan.h"', "analysis may not use harness/plan"),
])
def test_layers_finds_a_wrong_include(tree, name, line, complaint):
    tree("runners/processes/pool.h", "int pool(void);\n")
    tree("harness/trial/trial.h", "int trial_run(void);\n")
    code, out, _ = run("layers", tree(name, f'/* first */\n{line}\n'))
    assert code == 1
    assert out.startswith(f"{name}:2: ") and complaint in out


@pytest.mark.parametrize("name, line", [
    ("runtime/task/a.c", "#include <curl/curl.h>"),
    ("runtime/a.c", '#include "common/err.h"'),
    ("harness/trial/a.c", '#include "harness/plan/plan.h"'),
    ("runners/threads/main.c", '#include "runtime/task/fetch.h"'),
    ("runners/coroutines/main.c", "#include <event2/event.h>"),
    ("origin/main.c", "#include <event2/event.h>"),
    ("cli/main.c", '#include "harness/plan/plan.h"'),
    ("common/a.c", '/* #include "harness/plan/plan.h" */'),
    ("tests/unit/test_plan.c", '#include "harness/plan/plan.h"'),
])
def test_layers_lets_the_rest_pass(tree, name, line):
    assert run("layers", tree(name, line + "\n")) == (0, "", "")


def test_layers_finds_a_wrong_link_line(tree):
    tree("common/CMakeLists.txt", "add_library(common STATIC a.c)\n")
    tree("harness/CMakeLists.txt", "add_library(harness STATIC plan/plan.c)\n"
         "target_link_libraries(harness PUBLIC common)\n")
    top = tree("report/CMakeLists.txt", "add_executable(report main.c)\n"
               "# target_link_libraries(report PRIVATE PkgConfig::CURL)\n"
               "target_link_libraries(report PRIVATE common\n    harness PkgConfig::EVENT)\n")
    code, out, _ = run("layers", top)
    assert code == 1
    assert "report/CMakeLists.txt:3: target report: report may not use harness/plan" in out
    assert "report/CMakeLists.txt:3: target report: report may not use event" in out
    assert len(out.splitlines()) == 2


def test_layers_finds_modules_that_call_each_other(tree):
    tree("harness/plan/a.h", "int a_first(void);\n")
    tree("harness/plan/b.h", "int b_first(void);\n")
    tree("harness/plan/a.c", '#include "harness/plan/a.h"\n#include "harness/plan/b.h"\nint x = b_first();\n')
    top = tree("harness/plan/b.c", '#include "harness/plan/a.h"\n#include "harness/plan/b.h"\n/* a_first() */\n')
    assert run("layers", top) == (0, "", "")
    top = tree("harness/plan/b.c", '#include "harness/plan/a.h"\n#include "harness/plan/b.h"\nint y = a_first();\n')
    code, out, _ = run("layers", top)
    assert code == 1 and out == "harness/plan/a.c:1: these call each other: harness/plan/a, harness/plan/b\n"


def test_layers_compares_its_table_with_the_one_for_people(tree):
    printed = subprocess.run([SCRIPTS / "layers", "--table"], capture_output=True, text=True, timeout=300, check=True)
    text = f"<!-- scripts/layers --table -->\n{printed.stdout}<!-- end -->\n"
    assert run("layers", tree("CONTRIBUTING.md", text))[0] == 0
    assert run("layers", tree("CONTRIBUTING.md", text.replace("pure", "hidden")))[0] == 1


def test_layers_knows_every_folder(tree):
    code, out, _ = run("layers", tree("harness/nowhere/a.c", '#include "common/err.h"\n'))
    assert code == 1 and out.startswith("harness/nowhere/a.c:1: no part of the tree")


def function(name, lines):
    return f"int {name}(void)\n{{\n" + "    work();\n" * (lines - 3) + "}\n"


def test_function_length(tree):
    tree("common/long.c", function("fine", 40) + "\n" + function("warned", 60) + "\n" + function("failed", 61))
    code, out, err = run("function-length", tree("common/ok.c", function("short", 10)))
    assert code == 1
    assert out == "common/long.c:103: failed has 61 lines, the limit is 60; split it into steps with names\n"
    assert err == "common/long.c:42: note: warned has 60 lines; look at it again\n"


def test_function_length_counts_a_signature_of_two_lines(tree):
    text = "static int\nlong_signature(int a,\n               int b)\n{\n" + "    work();\n" * 57 + "}\n"
    code, out, _ = run("function-length", tree("common/long.c", text))
    assert code == 1 and out.startswith("common/long.c:1: long_signature has 62 lines")


@pytest.mark.parametrize("name, lines, code", [
    ("common/a.c", 400, 0), ("common/a.c", 401, 1), ("runners/threads/main.c", 201, 1),
    ("runners/threads/main.c", 200, 0), ("runners/threads/pool.c", 201, 0), ("runtime/main.c", 201, 0),
])
def test_file_length(tree, name, lines, code):
    assert run("function-length", tree(name, "int x;\n" * lines))[0] == code


def test_booleans(tree):
    top = tree("common/a.c", "bool is_a, valid;\n/* bool b; */ int f(bool c, bool *out_has_d, bool counts_e);\n"
               "bool g[2] = {true}, *has_h = NULL; static bool known(void);\n")
    tree("cli/b.c", "struct flags { bool json; };\nint k = OPTION_FLAG;\n")
    code, out, _ = run("booleans", top)
    assert code == 1
    assert [" ".join(line.split()[:3]) for line in out.splitlines()] == [
        "common/a.c:1: bool valid", "common/a.c:2: bool c", "common/a.c:3: bool g"]


def test_banned_calls(tree):
    top = tree("common/a.c", '/* sprintf(x) */\nint a = strcpy(b, "atoi(x)");\n'
               "// system(x)\nint b = snprintf(c), mysignal(d), e->signal(f), g.rand(h);\n"
               "int c = signal (SIGINT);\n")
    code, out, _ = run("banned-calls", top)
    assert code == 1
    assert [line.split(": ")[:2] for line in out.splitlines()] == [
        ["common/a.c:2", "strcpy() is banned; use memcpy or snprintf"],
        ["common/a.c:5", "signal() is banned; use sigaction"]]
