# One image for every process; compose.yaml and the manifests choose the command.

FROM python:3.11.13-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements/base.txt /tmp/base.txt
# Wheels only: nothing is compiled, so no compiler is needed here either.
RUN /opt/venv/bin/python -m pip install --require-hashes --only-binary :all: -r /tmp/base.txt

FROM build AS static
ENV PATH="/opt/venv/bin:$PATH" METRICS_FOLDER=/tmp/metrics
WORKDIR /srv/parley
COPY manage.py ./
COPY apps apps
COPY config config
COPY deploy/healthcheck.py deploy/stand-in-environment deploy/
COPY static static
COPY templates templates
RUN deploy/stand-in-environment python manage.py collectstatic --noinput && python -m compileall -q apps config

FROM python:3.11.13-slim-bookworm AS runtime
RUN groupadd --system --gid 10001 parley \
    && useradd --system --uid 10001 --gid parley --no-create-home --home-dir /srv/parley parley
ENV PATH="/opt/venv/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings.production \
    METRICS_FOLDER=/tmp/metrics
WORKDIR /srv/parley
COPY --from=build /opt/venv /opt/venv
# Owned by root: the process that answers requests cannot change its own code.
COPY --from=static /srv/parley /srv/parley
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "deploy/healthcheck.py"]
CMD ["python", "-m", "granian", "--host", "0.0.0.0", "--port", "8000", "--interface", "wsgi", "--no-ws", "--workers", "2", "--blocking-threads", "8", "--backpressure", "64", "--workers-kill-timeout", "20", "--respawn-failed-workers", "--respawn-interval", "0.5", "--http1-buffer-size", "65536", "config.wsgi:application"]
