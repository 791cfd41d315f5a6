# The container image. `make image` packs the same without a container engine, and reads how it is run from here.
FROM swift:6.3-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends make
WORKDIR /src
COPY . .
RUN make image-root

FROM scratch
COPY --from=build /src/.build/image-root/ /
COPY --from=build --chown=65532:65532 /src/.build/image-root/var/lib/sluice /var/lib/sluice
USER 65532:65532
# The one folder that the gateway may write to: a volume if its own layer is read-only.
WORKDIR /var/lib/sluice
EXPOSE 4317 4318 8888
LABEL org.opencontainers.image.title="sluice" \
      org.opencontainers.image.description="An OpenTelemetry (OTLP) logs gateway" \
      org.opencontainers.image.licenses="Apache-2.0"
HEALTHCHECK --interval=10s --timeout=5s CMD ["/usr/bin/sluice", "probe"]
ENTRYPOINT ["/usr/bin/sluice"]
