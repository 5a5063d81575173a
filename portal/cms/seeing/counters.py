"""The figures for Prometheus. Imported only where METRICS_PORT is set: it opens files.

Every process counts into files of its own (DATA_DIR/run/metrics); a worker adds them up and answers on
127.0.0.1, with what it can look up itself: the outbox, the probes, the last backup.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db import Error, connections
from django.db.models import Count
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from portal.cms.delivery.models import Delivery
from portal.cms.seeing import probes
from portal.cms.seeing.logs import NODE

logger = logging.getLogger(__name__)

FOLDER: Final = settings.DATA_DIR / "run" / "metrics"
HOST: Final = "127.0.0.1"

FOLDER.mkdir(parents=True, exist_ok=True)
# Where the library looks, before the first figure. By node and process: containers that share a folder
# have processes of the same number.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(FOLDER)
values.ValueClass = values.MultiProcessValue(  # type: ignore[no-untyped-call]
    lambda: f"{NODE}-{os.getpid()}"
)

requests: Final = Counter(
    "portal_requests", "Requests answered.", ["status", "cache"], registry=None
)
seconds: Final = Histogram(
    "portal_request_seconds",
    "Seconds until an answer began.",
    ["cache"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=None,
)
slow: Final = Counter("portal_slow_queries", "Statements over SLOW_QUERY_MS.", registry=None)
refused: Final = Counter("portal_logins_refused", "Wrong names or passwords.", registry=None)


def watch() -> None:
    """Count logins that are refused."""
    user_login_failed.connect(_refused, dispatch_uid="seeing.counters")


def _refused(**kwargs: Any) -> None:
    refused.inc()


def begin_anew() -> None:
    """Forget what the processes of this node have counted before; by `serve`, before they start."""
    for file in FOLDER.glob(f"*_{NODE}-*.db"):
        file.unlink(missing_ok=True)


class LookedUp(Collector):
    """What is looked up when Prometheus asks."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Some ten queries. In a thread of its own, whose connection it closes."""
        try:
            yield from self.looked_up()
        except Error:
            logger.warning("no figures from the database", exc_info=True)
        finally:
            connections.close_all()

    def looked_up(self) -> Iterator[GaugeMetricFamily]:
        well = GaugeMetricFamily("portal_probe_ok", "1: well, 0: not.", labels=["probe"])
        figure = GaugeMetricFamily("portal_probe_figure", "What it measured.", labels=["probe"])
        for result in probes.results():
            well.add_metric([result.key], float(result.state.ok))
            if result.state.figure is not None:
                figure.add_metric([result.key], result.state.figure)
        yield well
        yield figure
        outbox = GaugeMetricFamily("portal_outbox", "Messages by state.", labels=["state"])
        counted = dict(Delivery.objects.values_list("state").annotate(Count("pk")).order_by())
        for state in Delivery.State.values:
            outbox.add_metric([state], counted.get(state, 0))
        yield outbox


def serve() -> None:
    """Answer Prometheus on METRICS_PORT until this process ends. Another worker may do so already."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(FOLDER))  # type: ignore[no-untyped-call]
    registry.register(LookedUp())
    try:
        start_http_server(settings.METRICS_PORT, addr=HOST, registry=registry)
    except OSError as error:
        logger.info("no figures from this worker: %s", error)
