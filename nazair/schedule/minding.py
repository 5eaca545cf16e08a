"""Mind the schedules from the command line: a service on the database, the command of each crawl, the exit code."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from corpus.store.schedules import Schedule
from nazair.context import Context, say, set_up_logging
from nazair.fetching import network_settings
from nazair.schedule.service import Service

# A bug, what only its owner can mend, what failed in part, what was interrupted, what is tried again by itself.
WORST_FIRST = (1, 2, 4, 130, 75)


def crawl_command(context: Context, schedule: Schedule, network: dict[str, Any]) -> list[str]:
    """The command line of a schedule's crawl; the database, whose URL may hold a password, is in its environment."""
    parts = [sys.executable, "-m", "nazair", "crawl", schedule.topic_id, "--due"]
    if context.config_dir is not None:
        parts += ["--config", str(context.config_dir)]
    parts += ["--log-format", context.log_format]
    parts += ["-q"] * context.quiet + ["-v"] * context.verbose
    for source_id in schedule.source_ids:
        parts += ["--source", source_id]
    if schedule.max_pages is not None:
        parts += ["--max-pages", str(schedule.max_pages)]
    if schedule.max_time_s is not None:
        parts += ["--max-time", f"{schedule.max_time_s}s"]
    for option, given in network.items():
        values = given if isinstance(given, tuple) else () if given is None else (given,)
        for value in values:
            parts += [f"--{option.replace('_', '-')}", str(value)]
    return parts


def mind(context: Context, network: dict[str, Any]) -> int:
    """Run what is due whenever it is, until a signal."""

    async def until_stopped(service: Service) -> int:
        await service.run()
        return 0

    return _with_service(context, network, until_stopped)


def one_pass(context: Context, network: dict[str, Any]) -> int:
    """Run what is due now: 0 when all is well or nothing was due, else the worst code; the log says whose."""

    async def once(service: Service) -> int:
        codes = await service.run_due()
        if not codes and sys.stderr.isatty():  # cron would send it as a letter, every five minutes
            say("Nothing is due.")
        return worst(codes.values())

    return _with_service(context, network, once)


def worst(codes: Iterable[int]) -> int:
    """The worst of some exit codes; of a crawl that was killed nothing was lost, it is done in part."""
    told = {code if code in WORST_FIRST else 4 for code in codes if code}
    return next((code for code in WORST_FIRST if code in told), 0)


def _with_service(context: Context, network: dict[str, Any], do: Callable[[Service], Awaitable[int]]) -> int:
    """Do something with a service on the database."""
    network_settings(**network)  # what the options cannot mean is said before anything is due
    context = replace(context, verbose=context.verbose or (0 if context.quiet else 1))
    set_up_logging(context)
    context.catalogue()

    async def main() -> int:
        with context.opened(create=True) as database:
            service = Service(
                database,
                lambda schedule: crawl_command(context, schedule, network),
                environment={"NAZAIR_DB": context.database},
            )
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, service.stop)
            return await do(service)

    return asyncio.run(main())
