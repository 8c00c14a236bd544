"""--resolve: a name is reached at the address given, over IPv4, IPv6 and TLS, and stays the server's name in all else."""

import pytest
from conftest import ENGINES, WITHOUT_LIBCURL, document_of
from named_server import start_all


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    started = start_all(tmp_path_factory.mktemp("named"))
    yield started
    for server in started:
        server.close()


@pytest.mark.parametrize("model", ENGINES)
def test_a_name_without_a_lookup(servers, model):
    c = 1 if model == "sequential" else 2
    for server in servers:
        if server.certificate and model in WITHOUT_LIBCURL:
            continue
        server.check(document_of(f"runner-{model}", "-n", 4, "-c", c, *server.flags()), 4)
