# syntax=docker/dockerfile:1

# check=skip=JSONArgsRecommended
ARG GO=1.26
FROM --platform=$BUILDPLATFORM golang:${GO}-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=secret,id=netrc,target=/root/.netrc \
    # what is needed is fetched once
    go mod download

COPY --exclude=*.md . .
ARG TARGETOS TARGETARCH
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH \
      go build -o /out/app ./cmd/app

FROM scratch as files
COPY --link --from=build /out/app /app

FROM gcr.io/distroless/static
COPY --from=files / /
COPY --from=0 --chown=65532:65532 /src/LICENSE /
	HEALTHCHECK --interval=30s --timeout=3s CMD ["/app", "health"]
onbuild run echo "later"
ENTRYPOINT ["/app"]
