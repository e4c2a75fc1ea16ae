//go:build linux && !noembed

package embed

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/containerd/containerd/v2/defaults"
	"github.com/moby/buildkit/cache/remotecache"
	"github.com/moby/buildkit/cache/remotecache/inline"
	"github.com/moby/buildkit/cache/remotecache/local"
	"github.com/moby/buildkit/cache/remotecache/registry"
	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/cmd/buildkitd/config"
	"github.com/moby/buildkit/control"
	"github.com/moby/buildkit/frontend"
	dockerfile "github.com/moby/buildkit/frontend/dockerfile/builder"
	"github.com/moby/buildkit/frontend/gateway"
	"github.com/moby/buildkit/frontend/gateway/forwarder"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/solver"
	"github.com/moby/buildkit/solver/bboltcachestorage"
	"github.com/moby/buildkit/util/db/boltutil"
	"github.com/moby/buildkit/util/grpcerrors"
	_ "github.com/moby/buildkit/util/grpcutil/encoding/proto" // how BuildKit's messages are written
	"github.com/moby/buildkit/util/resolver"
	"github.com/moby/buildkit/version"
	"github.com/moby/buildkit/worker"
	"github.com/moby/buildkit/worker/base"
	"github.com/sirupsen/logrus"
	bolt "go.etcd.io/bbolt"
	"go.opentelemetry.io/otel/metric/noop"
	"google.golang.org/grpc"
)

// The module whose engine this is, and its version: that of go.mod, as a test
// sees to.
const (
	buildkit        = "github.com/moby/buildkit"
	buildkitVersion = "0.34.2"
)

// remembered is how many builds the engine keeps the record of. imgtui asks for none.
const remembered = 5

// server is BuildKit's controller with its worker.
type server struct {
	grpc   *grpc.Server
	ctrl   *control.Controller
	worker *base.Worker
	cache  solver.CacheManager
	keep   int64  // bytes of cache
	warm   func() // to be called when there is time
	info   Info
}

func newServer(o orders, m mode) (*server, error) {
	version.Version = "v" + buildkitVersion // what BuildKit says of itself
	info := Info{BuildKit: buildkitVersion, Executor: "own", Sandbox: m.pids, StateDir: o.StateDir}
	switch {
	case m.single:
		info.Rootless = "single ID"
	case m.user:
		info.Rootless = "subordinate IDs"
	}
	s := &server{info: info, keep: o.KeepBytes, warm: func() {}}
	if err := s.limitCache(o.StateDir); err != nil {
		return nil, err
	}
	hosts := resolver.NewRegistryConfig(nil)
	opt, err := s.workerOpt(o, m)
	if err != nil {
		return nil, err
	}
	opt.RegistryHosts = hosts
	if s.worker, err = base.NewWorker(context.Background(), opt); err != nil {
		return nil, fmt.Errorf("open the build state: %w", err)
	}
	workers := &worker.Controller{}
	if err := workers.Add(s.worker); err != nil {
		return nil, err
	}
	sessions, err := session.NewManager()
	if err != nil {
		return nil, err
	}
	gatewayFrontend, err := gateway.NewGatewayFrontend(workers.Infos(), nil)
	if err != nil {
		return nil, err
	}
	keys, err := bboltcachestorage.NewStore(filepath.Join(o.StateDir, "cache.db"))
	if err != nil {
		return nil, fmt.Errorf("open the build state: %w", err)
	}
	history, err := boltutil.SafeOpen(filepath.Join(o.StateDir, "history.db"), 0o600, boltOptions())
	if err != nil {
		return nil, fmt.Errorf("open the build state: %w", err)
	}
	s.cache = solver.NewCacheManager(context.Background(), "local", keys, worker.NewCacheResultStorage(workers))
	most := int64(remembered)
	s.ctrl, err = control.NewController(control.Opt{
		SessionManager: sessions, WorkerController: workers, CacheManager: s.cache, CacheStore: keys,
		Frontends: map[string]frontend.Frontend{
			"dockerfile.v0": forwarder.NewGatewayForwarder(workers.Infos(), dockerfile.Build),
			"gateway.v0":    gatewayFrontend,
		},
		ResolveCacheExporterFuncs: map[string]remotecache.ResolveCacheExporterFunc{
			"inline":   inline.ResolveCacheExporterFunc(),
			"local":    local.ResolveCacheExporterFunc(sessions),
			"registry": registry.ResolveCacheExporterFunc(sessions, hosts),
		},
		ResolveCacheImporterFuncs: map[string]remotecache.ResolveCacheImporterFunc{
			"local":    local.ResolveCacheImporterFunc(sessions),
			"registry": registry.ResolveCacheImporterFunc(sessions, s.worker.ContentStore(), hosts),
		},
		Entitlements:  []string{"network.host"}, // it is what steps have anyway
		MeterProvider: noop.NewMeterProvider(),
		HistoryDB:     history, HistoryConfig: &config.HistoryConfig{MaxEntries: &most},
		LeaseManager: s.worker.LeaseManager(), ContentStore: s.worker.ContentStore(), GarbageCollect: s.worker.GarbageCollect,
		GracefulStop: make(chan struct{}),
	})
	if err != nil {
		return nil, err
	}
	s.grpc = grpc.NewServer(
		grpc.WaitForHandlers(true),
		grpc.ChainUnaryInterceptor(grpcerrors.UnaryServerInterceptor),
		grpc.ChainStreamInterceptor(grpcerrors.StreamServerInterceptor),
		grpc.MaxRecvMsgSize(defaults.DefaultMaxRecvMsgSize),
		grpc.MaxSendMsgSize(defaults.DefaultMaxSendMsgSize),
	)
	s.ctrl.Register(s.grpc)
	return s, nil
}

func boltOptions() *bolt.Options {
	return &bolt.Options{FreelistType: bolt.FreelistMapType, NoFreelistSync: true}
}

// missing notes what cannot be done.
func (s *server) missing(what, why string) {
	s.info.Missing = append(s.info.Missing, Missing{what, why})
}

// limitCache decides how large the cache may stay.
func (s *server) limitCache(dir string) error {
	if s.keep > 0 {
		return nil
	}
	const share, most = 10, 20e9
	size, err := diskSize(dir)
	s.keep = min(size/share, most)
	return err
}

// policy is what the cache is cut down to, the longest unused first.
func (s *server) policy() []client.PruneInfo {
	return []client.PruneInfo{{All: true, MaxUsedSpace: s.keep, ReservedSpace: s.keep / 2}}
}

// stop ends all builds, and cuts the cache down: BuildKit does so a minute after
// a build, when this engine may be long gone.
func (s *server) stop(served <-chan struct{}) {
	late := time.AfterFunc(farewell, func() {
		logrus.Error("a build did not end in time")
		os.Exit(1) // the kernel ends the rest
	})
	defer late.Stop()
	s.grpc.Stop()
	<-served
	s.collect()
}

func (s *server) collect() {
	ctx, cancel := context.WithTimeout(context.Background(), farewell/2)
	defer cancel()
	gone := make(chan client.UsageInfo)
	counted := make(chan int)
	go func() {
		n := 0
		for range gone {
			n++
		}
		counted <- n
	}()
	err := s.worker.Prune(ctx, gone, s.policy()...)
	close(gone)
	if err != nil {
		logrus.WithError(err).Error("cut down the cache")
	}
	if <-counted > 0 {
		if err := s.cache.ReleaseUnreferenced(ctx); err != nil {
			logrus.WithError(err).Error("cut down the cache")
		}
	}
}

func (s *server) close() {
	if err := s.ctrl.Close(); err != nil {
		logrus.WithError(err).Error("close the build state")
	}
}
