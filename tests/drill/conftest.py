from tests.prefect_fixtures import prefect_server

__all__ = ["prefect_server"]
