# Builds the program and puts it, alone, on a small Debian. The database file lives in the volume /data.
FROM rust:1.95-trixie AS build
RUN apt-get update && apt-get install -y --no-install-recommends libssl-dev pkg-config && rm -rf /var/lib/apt/lists/*
# What the program is built from is written into it, for `cargo audit bin` and the scanners of images.
RUN cargo install --locked cargo-auditable
WORKDIR /source
COPY . .
RUN cargo auditable build --release --locked

FROM debian:trixie-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libssl3t64 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --create-home vestibule
COPY --from=build /source/target/release/vestibule /usr/local/bin/vestibule
USER vestibule
WORKDIR /data
VOLUME /data
ENV HOST=0.0.0.0 PORT=8000 LOG_FORMAT=json
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["vestibule"]
