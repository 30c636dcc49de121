# One image for all of compose.yaml but the database. Installed is what requirements.lock pins, hashes
# checked, as `make setup` does it; the lock holds the tools of the tests too.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    NEWSLEDGER_HOME=/data/newsledger PREFECT_HOME=/data/prefect
WORKDIR /app

COPY requirements.lock ./
RUN pip install --no-deps --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE prefect.yaml ./
COPY flows ./flows
COPY tasks ./tasks
COPY warehouse ./warehouse
RUN pip install --no-deps -e . \
    && useradd --create-home --uid 10001 newsledger \
    && install --directory --owner newsledger /data/newsledger /data/prefect

USER newsledger
CMD ["newsledger", "status"]
