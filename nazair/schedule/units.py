"""What systemd, cron and Kubernetes need to call `nazair schedule run-due`.

Secrets are never printed: a database URL with a password goes into a file or a Secret that only its owner reads.
"""

from __future__ import annotations

import json
import os
import pwd
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

# What a crawl never does, and what is found in a page must not make it do. Not PrivateTmp, nor ProtectHome, because a
# collection may be there. The worker processes come from a server on a Unix socket; names are looked up by Netlink too.
CONFINED = """\
NoNewPrivileges=yes
ProtectSystem=full
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
"""

# How often due times are looked for. A cron expression is no more exact than a minute.
EVERY_MINUTES = 5


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Where the command runs, and with what."""

    folder: Path
    file: Path | None  # the collection, absolute; None where a URL names it
    config: Path | None
    variables: dict[str, str]  # of its environment
    user: str  # whose the collection is


def owner(path: Path) -> str:
    """The name of the user whose a file is, or will be when it is made: what root writes others cannot."""
    user_id = path.stat().st_uid if path.exists() else os.getuid()
    try:
        return pwd.getpwuid(user_id).pw_name
    except KeyError:  # in a container
        return str(user_id)


def systemd(setting: Setting) -> str:
    """A service for one pass, confined to what that needs, and the timer that starts it; two files in one text."""
    path, *rest = _command(setting)
    # Variables are put into arguments, not into the program's path, nor into other variables.
    command = " ".join([_systemd_word(path), *(_systemd_word(part.replace("$", "$$")) for part in rest)])
    variables = " ".join(_systemd_word(f"{name}={value}") for name, value in setting.variables.items())
    secret = "EnvironmentFile=/etc/nazair.env\n" if setting.file is None else ""
    note = "# /etc/nazair.env, readable by its owner alone: NAZAIR_DB=postgresql://…\n" if setting.file is None else ""
    return f"""\
# /etc/systemd/system/nazair.service
{note}[Unit]
Description=nazair: crawls that are due
After=network-online.target
Wants=network-online.target

[Service]
Type=oneshot
User={setting.user}
WorkingDirectory={str(setting.folder).replace("%", "%%")}
Environment={variables}
{secret}ExecStart={command}
# Another run had the database: what is due stays due.
SuccessExitStatus=75
# SIGTERM reaches the scheduler alone, which lets the crawl finish; what is killed after that loses nothing either.
KillMode=mixed
TimeoutStartSec=infinity
TimeoutStopSec=10min
{CONFINED}
# /etc/systemd/system/nazair.timer
[Unit]
Description=nazair: look for due crawls

[Timer]
OnCalendar=*:0/{EVERY_MINUTES}
Persistent=true

[Install]
WantedBy=timers.target

# Then: systemctl daemon-reload && systemctl enable --now nazair.timer
"""


def crontab(setting: Setting) -> str:
    """A line for `crontab -e`."""
    command = shlex.join(_command(setting))
    variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in setting.variables.items())
    variables += ' NAZAIR_DB="$(cat ~/.nazair-db)"' if setting.file is None else ""
    line = f"cd {shlex.quote(str(setting.folder))} && {variables} {command}"
    note = "# ~/.nazair-db, readable by you alone, holds the database URL.\n" if setting.file is None else ""
    # Cron ends a command at a % that has no backslash.
    return f"{note}*/{EVERY_MINUTES} * * * * {line.replace('%', chr(92) + '%')}\n"


def kubernetes(setting: Setting, *, image: str) -> str:
    """A CronJob, as YAML. The database is a Secret's; a SQLite file does not live in a pod."""
    config = {"NAZAIR_CONFIG": str(setting.config)} if setting.config is not None else {}
    note = ", and your folder of sources and topics where NAZAIR_CONFIG says" if config else ""
    variables = "".join(
        f"                - name: {name}\n                  value: {json.dumps(value, ensure_ascii=False)}\n"
        for name, value in {**setting.variables, **config}.items()
    )
    return f"""\
# The image is yours: in it are nazair[postgres]{note}.
# kubectl create secret generic nazair --from-literal=db='postgresql://…'
apiVersion: batch/v1
kind: CronJob
metadata:
  name: nazair
spec:
  schedule: "*/{EVERY_MINUTES} * * * *"
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 200
  jobTemplate:
    spec:
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 600
          containers:
            - name: nazair
              image: {json.dumps(image)}
              command: ["nazair"]
              args: ["schedule", "run-due"]
              env:
{variables}                - name: NAZAIR_DB
                  valueFrom:
                    secretKeyRef:
                      name: nazair
                      key: db
"""


def _command(setting: Setting) -> list[str]:
    """The command line of one pass, which this nazair runs from any folder; without secrets."""
    script = Path(sys.executable).with_name("nazair")
    command = [str(script)] if script.exists() else [sys.executable, "-m", "nazair"]
    command += ["schedule", "run-due"]
    if setting.file is not None:
        command += ["--db", str(setting.file)]
    if setting.config is not None:
        command += ["--config", str(setting.config)]
    return command


def _systemd_word(part: str) -> str:
    """A word of a unit's line, as it stands: neither specifiers nor quotes are special."""
    plain = part.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{plain}"' if any(char in plain for char in " \t\"'\\;") else plain
