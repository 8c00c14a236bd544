"""--resolve: a name is reached at the address given, over IPv4, IPv6 and TLS, and stays the server's name in all else."""

import pytest
from conftest import ENGINES, WITHOUT_LIBCURL, document_of
from named_server import named_servers  # noqa: F401  a fixture


@pytest.mark.parametrize("model", ENGINES)
def test_a_name_without_a_lookup(named_servers, model):
    c = 1 if model == "sequential" else 2
    for server in named_servers:
        if server.certificate and model in WITHOUT_LIBCURL:
            continue
        server.check(document_of(f"runner-{model}", "-n", 4, "-c", c, *server.flags()), 4)
