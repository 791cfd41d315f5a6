import pytest

from Deploy.tools import Tools


@pytest.fixture(scope="session")
def tools(tmp_path_factory):
    return Tools(tmp_path_factory.mktemp("tools"))
