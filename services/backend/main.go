// Command backend serves the JSON API of myapp.
package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// version is set at link time: -ldflags "-X main.version=v1.2.3".
var version = "v0.0.0-dev"

func main() {
	settings, err := readSettings(os.Getenv)
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("invalid settings", "error", err)
		os.Exit(2)
	}
	logger := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: settings.logLevel})).
		With("service", "backend", "version", version)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	listener, err := net.Listen("tcp", settings.address)
	if err != nil {
		logger.Error("cannot listen", "address", settings.address, "error", err)
		os.Exit(1)
	}
	if err := serve(ctx, listener, newApp(version, logger), settings); err != nil {
		logger.Error("stopped", "error", err)
		os.Exit(1)
	}
}

// serve answers requests until ctx ends, then stops in the order that loses none: readiness goes
// false, load balancers get drainDelay to notice, and only then are connections refused while open
// requests get drainTimeout to finish.
func serve(ctx context.Context, listener net.Listener, app *app, settings settings) error {
	server := &http.Server{
		Handler:           app.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(app.logger.Handler(), slog.LevelWarn),
	}

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	app.ready.Store(true)
	app.logger.Info("listening", "address", listener.Addr().String())

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}

	app.ready.Store(false)
	app.logger.Info("draining", "delay", settings.drainDelay.String())
	time.Sleep(settings.drainDelay)

	deadline, cancel := context.WithTimeout(context.Background(), settings.drainTimeout)
	defer cancel()
	if err := server.Shutdown(deadline); err != nil {
		return errors.Join(err, server.Close())
	}
	app.logger.Info("stopped")
	return nil
}
