# Vestibule on a slim Debian image. The SQLite database is in the volume /data.
FROM rust:1.95-trixie AS build
RUN apt-get update && apt-get install -y --no-install-recommends libssl-dev pkg-config && rm -rf /var/lib/apt/lists/*
# Embeds the dependency list, for `cargo audit bin` and image scanners.
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
