"""What a drill sees of Prefect, and asks of it."""

import time

import httpx

from deployments.catalogue import DEPLOYMENTS, RECONCILE_DELTA, DeploymentSpec

AT_WORK = ("PENDING", "RUNNING", "CANCELLING")


class Prefect:
    """A Prefect server that may be away."""

    def __init__(self, http: httpx.Client, api_url: str, pool: str) -> None:
        self.api_url = api_url
        self._http = http
        self._pool = pool

    def ask(self, path: str, body: object = None) -> object:
        """Ask the Prefect server; patient with a busy one."""
        for _ in range(3000):
            try:
                answer = self._http.post(
                    f"{self.api_url}{path}", json=body if body is not None else {}
                )
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code not in {502, 503}:
                return answer.raise_for_status().json() if answer.content else None
            time.sleep(0.2)  # noqa: TID251 - see above
        raise AssertionError("the Prefect server does not answer")

    def runs(self, *states: str) -> list[dict[str, object]]:
        """Flow runs of our pool in one of the states."""
        found = self.ask(
            "/flow_runs/filter",
            {
                "flow_runs": {"state": {"type": {"any_": list(states)}}},
                "work_pools": {"name": {"any_": [self._pool]}},
                "sort": "START_TIME_DESC",
            },
        )
        assert isinstance(found, list)
        return found

    def answers(self) -> bool:
        """Whether Prefect is there."""
        try:
            return self._http.get(f"{self.api_url}/health").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def pause_schedules(self) -> None:
        """Let Prefect plan no sweeps; `deploy` leaves that alone."""
        for spec in DEPLOYMENTS:
            if spec.schedule is not None:
                self.ask(f"/deployments/{self._deployment(spec)}/pause_deployment")

    def is_deployed(self) -> bool:
        """Whether Prefect knows every deployment."""
        paths = [f"{self.api_url}/deployments/name/{spec.full_name}" for spec in DEPLOYMENTS]
        try:
            return all(self._http.get(path).is_success for path in paths)
        except httpx.TransportError:
            return False

    def plan_deltas(self, *, every_seconds: int) -> None:
        """Let Prefect plan delta reconciles so often."""
        deltas = f"/deployments/{self._deployment(RECONCILE_DELTA)}"
        schedule = {"schedule": {"interval": every_seconds}, "active": True}
        self.ask(f"{deltas}/schedules", [schedule])
        self.ask(f"{deltas}/resume_deployment")

    def deltas(self, *states: str) -> list[dict[str, object]]:
        """Runs of the delta reconcile in one of the states."""
        wanted = self._deployment(RECONCILE_DELTA)
        return [run for run in self.runs(*states) if run["deployment_id"] == wanted]

    def _deployment(self, spec: DeploymentSpec) -> str:
        path = f"{self.api_url}/deployments/name/{spec.full_name}"
        found: str = self._http.get(path).raise_for_status().json()["id"]
        return found

    def at_work(self) -> list[str]:
        """Runs that Prefect shows as being at work."""
        return [f"{run['name']} {run['state_name']}" for run in self.runs(*AT_WORK)]
