# The course in a container: JupyterLab with the labs, for one student, VS Code or a JupyterHub that starts containers.
#
#   docker build --tag coursekit .                                      torch as pip finds it: on Linux with GPU libraries
#   docker build --tag coursekit --build-arg TORCH_INDEX=ADDRESS .      torch from an index of CPU-only wheels: far smaller
#   docker run --rm --publish 127.0.0.1:8888:8888 coursekit
ARG IMAGE=python:3.12-slim
FROM ${IMAGE}

ARG TORCH_INDEX=""
ENV OMP_WAIT_POLICY=PASSIVE \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PYTHONUNBUFFERED=1

RUN apt-get update && apt-get install --yes --no-install-recommends git && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 1000 student
WORKDIR /home/student/course

# Torch first: it is the largest layer, and it changes least.
RUN pip install ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "torch>=2.4" "torchvision>=0.19"

COPY --chown=student:student . .
RUN pip install --editable ".[lab]" && chown student:student .

USER student
RUN python -m classroom copy
EXPOSE 8888
CMD ["python", "-m", "classroom", "lab", "--", "--ServerApp.ip=0.0.0.0", "--no-browser"]
