package main

import (
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// logged writes one line a request. Probes come every few seconds and say nothing while they
// succeed, so they are logged for debugging only.
func logged(logger *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(recorder, r)

		level := slog.LevelInfo
		switch {
		case recorder.status >= http.StatusInternalServerError && !isProbe(r):
			level = slog.LevelError
		case isProbe(r):
			level = slog.LevelDebug
		}
		logger.Log(r.Context(), level, "request",
			"method", r.Method,
			"path", r.URL.Path,
			"status", recorder.status,
			"duration_ms", float64(time.Since(started).Microseconds())/1000,
			"request_id", r.Header.Get("X-Request-Id"),
		)
	})
}

// recovered turns a handler's panic into a 500 and a log line with its stack.
func recovered(a *app, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if cause := recover(); cause != nil {
				a.logger.Error("panic", "cause", cause, "path", r.URL.Path, "stack", string(debug.Stack()))
				a.fail(w, http.StatusInternalServerError, "internal error")
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func isProbe(r *http.Request) bool {
	return r.URL.Path == "/healthz" || r.URL.Path == "/readyz"
}

// statusRecorder remembers the status that a handler sent.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}
