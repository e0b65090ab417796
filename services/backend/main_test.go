package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"
)

func TestShutdownTurnsReadinessOffWhileStillAnswering(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error, 1)
	go func() {
		served <- serve(ctx, listener, newApp("v1.2.3", slog.New(slog.DiscardHandler)),
			settings{drainDelay: time.Second, drainTimeout: 5 * time.Second})
	}()

	awaitReadiness(t, address, http.StatusOK)
	stop()
	awaitReadiness(t, address, http.StatusServiceUnavailable)

	if err := <-served; err != nil {
		t.Errorf("serve = %v, want a clean stop", err)
	}
	if connection, err := net.Dial("tcp", address); err == nil {
		_ = connection.Close()
		t.Error("connections are still accepted after the stop")
	}
}

func TestServeReportsAListenerThatBreaks(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	app := newApp("v1.2.3", slog.New(slog.DiscardHandler))
	if err := serve(context.Background(), listener, app, settings{}); err == nil {
		t.Error("serve = nil, want the listener's error")
	}
}

func awaitReadiness(t *testing.T, address string, status int) {
	t.Helper()
	client := &http.Client{Timeout: 5 * time.Second}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		response, err := client.Get("http://" + address + "/readyz")
		if err != nil {
			t.Fatalf("while waiting for status %d: %v", status, err)
		}
		if err := response.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if response.StatusCode == status {
			return
		}
	}
	t.Fatalf("/readyz never answered %d", status)
}
