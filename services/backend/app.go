package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"
)

const maxNameLength = 64

// app holds what the handlers share.
type app struct {
	version string
	logger  *slog.Logger
	started time.Time
	ready   atomic.Bool
}

func newApp(version string, logger *slog.Logger) *app {
	return &app{version: version, logger: logger, started: time.Now()}
}

// handler returns every route of the service. Routes under /api are public (the frontend proxies
// them); the others are for the cluster.
func (a *app) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", a.health)
	mux.HandleFunc("GET /readyz", a.readiness)
	mux.HandleFunc("GET /version", a.showVersion)
	mux.HandleFunc("GET /api/version", a.showVersion)
	mux.HandleFunc("GET /api/greeting", a.greet)
	mux.HandleFunc("/", a.notFound)
	return logged(a.logger, recovered(a, mux))
}

func (a *app) health(w http.ResponseWriter, _ *http.Request) {
	a.reply(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (a *app) readiness(w http.ResponseWriter, _ *http.Request) {
	if !a.ready.Load() {
		a.reply(w, http.StatusServiceUnavailable, map[string]string{"status": "not ready"})
		return
	}
	a.reply(w, http.StatusOK, map[string]string{"status": "ready"})
}

func (a *app) showVersion(w http.ResponseWriter, _ *http.Request) {
	a.reply(w, http.StatusOK, map[string]string{
		"service": "backend",
		"version": a.version,
		"started": a.started.UTC().Format(time.RFC3339),
	})
}

func (a *app) greet(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSpace(r.URL.Query().Get("name"))
	switch {
	case name == "":
		name = "world"
	case !utf8.ValidString(name), utf8.RuneCountInString(name) > maxNameLength:
		a.fail(w, http.StatusBadRequest, "name must be UTF-8 text of at most 64 characters")
		return
	}
	a.reply(w, http.StatusOK, map[string]string{"greeting": "Hello, " + name + "!"})
}

// notFound also answers a known path with another method: no route here is anything but GET.
func (a *app) notFound(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		a.fail(w, http.StatusMethodNotAllowed, "method not allowed")
		return
	}
	a.fail(w, http.StatusNotFound, "not found")
}

func (a *app) fail(w http.ResponseWriter, status int, message string) {
	a.reply(w, status, map[string]string{"error": message})
}

func (a *app) reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		a.logger.Warn("cannot write the response", "error", err)
	}
}
