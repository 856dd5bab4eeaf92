"""JupyterHub for a class on one machine: each student's own copies of the labs, one shared cache of features.

Tried on one machine with `python jupyterhub/trial.py`, which sets COURSE_TRIAL. See jupyterhub/README.md.
"""

import os
import sys
from pathlib import Path

COURSE = Path(__file__).parents[1]
STATE = Path(
    os.environ.get("COURSE_STATE", "/srv/coursekit")
)  # homes of a trial, the shared cache, the hub's files
TRIAL = bool(os.environ.get("COURSE_TRIAL"))
PORT = int(os.environ.get("COURSE_PORT", "8000"))
LARGE_UPLOADS = "--ServerApp.tornado_settings={'websocket_max_message_size': 300000000}"

c = get_config()  # noqa: F821 -- JupyterHub defines it
c.JupyterHub.bind_url = f"http://127.0.0.1:{PORT}"  # a web server with TLS in front of it serves the outside
c.JupyterHub.hub_port = PORT + 1
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PORT + 2}"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
c.JupyterHub.db_url = f"sqlite:///{STATE / 'jupyterhub.sqlite'}"
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")

if TRIAL:  # any name, one password, no accounts on the machine
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = os.environ["COURSE_TRIAL"]
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = str(STATE / "homes" / "{username}")
c.Authenticator.allow_all = True  # everybody who can log in

c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = [LARGE_UPLOADS, *(["--allow-root"] if os.geteuid() == 0 else [])]
c.Spawner.default_url = "/lab/tree/my_labs/01_localisation.ipynb"
c.Spawner.start_timeout = c.Spawner.http_timeout = 300  # a hundred students at 9 o'clock
c.Spawner.environment = {
    "COURSEKIT_SHARED_CACHE": str(STATE / "cache"),
    "OMP_WAIT_POLICY": "PASSIVE",
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": str(COURSE),
}


def copy_labs(spawner):
    """Give a student own copies of the labs, or bring them up to date; answers are never overwritten."""
    import pwd
    import shutil

    sys.path.insert(0, str(COURSE))
    from classroom.notebooks.build import LABS
    from classroom.notebooks.working_copy import update

    name = spawner.user.name
    home = Path(spawner.home_dir if TRIAL else pwd.getpwnam(name).pw_dir)
    for sentence in update(LABS, home / "my_labs"):
        spawner.log.info(sentence)
    if not TRIAL:
        for path in [home / "my_labs", *(home / "my_labs").rglob("*")]:
            shutil.chown(path, name)


c.Spawner.pre_spawn_hook = copy_labs
