"""A scrape of `/metrics`, read by the parser of Prometheus' own client."""

from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

Sample = tuple[str, frozenset[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Scraped:
    """The samples by name and labels, and the families with their types."""

    samples: dict[Sample, float]
    types: dict[str, str]

    def value(self, name: str, **labels: str) -> float | None:
        """One sample; None if there is none."""
        return self.samples.get((f"akeneo_sync_{name}", frozenset(labels.items())))

    def by(self, name: str, label: str) -> dict[str, float]:
        """The samples of a name that are not 0, summed by one label."""
        found: dict[str, float] = {}
        for (sample, labels), value in self.samples.items():
            if sample == f"akeneo_sync_{name}" and value:
                word = dict(labels)[label]
                found[word] = found.get(word, 0) + value
        return found


def parse_scrape(text: str) -> Scraped:
    """Parse a whole scrape; a sample that comes twice is an error."""
    samples: dict[Sample, float] = {}
    types: dict[str, str] = {}
    for family in text_string_to_metric_families(text):
        assert family.name not in types
        assert family.documentation
        types[family.name] = family.type
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in samples
            samples[key] = sample.value
    return Scraped(samples, types)
