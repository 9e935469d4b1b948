# syntax=docker/dockerfile:1
# Stash in a container. `docker run -p 8000:8000 IMAGE` runs local mode, with its state in the volume /data.
# STASH_MODE=hosted keeps no state. The root file system may be read-only in both modes.

FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements-image.txt requirements-build.txt /src/
# Install only what the locks pin by hash, and compile nothing.
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes --only-binary :all: --requirement /src/requirements-build.txt \
    && python -m venv /opt/stash \
    && /opt/stash/bin/pip install --require-hashes --only-binary :all: --requirement /src/requirements-image.txt
COPY pyproject.toml README.md LICENSE manage.py /src/
COPY stash_memory /src/stash_memory
COPY accounts /src/accounts
COPY memories /src/memories
COPY operators /src/operators
COPY stash_site /src/stash_site
COPY storage /src/storage
COPY templates /src/templates
COPY upkeep /src/upkeep
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /src/dist /src \
    && /opt/stash/bin/pip install --no-deps /src/dist/stash_memory-*.whl
# Collect the static files of hosted mode. Django needs complete settings, but connects to nothing.
RUN STASH_MODE=hosted SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
    ALLOWED_HOSTS=localhost DATABASE_URL=postgres://localhost/stash REDIS_URL=redis://localhost:6379 \
    /opt/stash/bin/stash manage collectstatic --noinput --verbosity 0 \
    && /opt/stash/bin/pip uninstall --yes pip

FROM python:3.13-slim-trixie
LABEL org.opencontainers.image.title="Stash" \
    org.opencontainers.image.description="Working memory for AI agents" \
    org.opencontainers.image.licenses="MIT"
# A new volume inherits this folder's owner and mode.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin stash \
    && install --directory --owner stash --group stash --mode 0700 /data
COPY --from=build /opt/stash /opt/stash
ENV PATH=/opt/stash/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    STASH_HOME=/data \
    STASH_HOST=0.0.0.0 \
    STASH_PORT=8000 \
    STASH_SHOW_KEY=once
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["stash", "health"]
# `docker run IMAGE serve | worker | beat | migrate | createkey EMAIL`
ENTRYPOINT ["stash"]
CMD ["serve"]
