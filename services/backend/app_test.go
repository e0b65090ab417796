package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRoutes(t *testing.T) {
	tests := []struct {
		name   string
		method string
		target string
		ready  bool
		status int
		field  string
		want   string
	}{
		{"alive before ready", "GET", "/healthz", false, 200, "status", "ok"},
		{"not ready", "GET", "/readyz", false, 503, "status", "not ready"},
		{"ready", "GET", "/readyz", true, 200, "status", "ready"},
		{"version", "GET", "/version", true, 200, "version", "v1.2.3"},
		{"version through the frontend", "GET", "/api/version", true, 200, "version", "v1.2.3"},
		{"greeting by default", "GET", "/api/greeting", true, 200, "greeting", "Hello, world!"},
		{"greeting by name", "GET", "/api/greeting?name=%20Ada%20", true, 200, "greeting", "Hello, Ada!"},
		{"longest name", "GET", "/api/greeting?name=" + strings.Repeat("é", 64), true, 200, "greeting",
			"Hello, " + strings.Repeat("é", 64) + "!"},
		{"name too long", "GET", "/api/greeting?name=" + strings.Repeat("a", 65), true, 400, "error",
			"name must be UTF-8 text of at most 64 characters"},
		{"name not UTF-8", "GET", "/api/greeting?name=%ff", true, 400, "error",
			"name must be UTF-8 text of at most 64 characters"},
		{"markup stays data", "GET", "/api/greeting?name=%3Cb%3E", true, 200, "greeting", "Hello, <b>!"},
		{"unknown path", "GET", "/api/unknown", true, 404, "error", "not found"},
		{"wrong method", "POST", "/api/version", true, 405, "error", "method not allowed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			app := newApp("v1.2.3", slog.New(slog.DiscardHandler))
			app.ready.Store(test.ready)
			response := httptest.NewRecorder()
			app.handler().ServeHTTP(response, httptest.NewRequest(test.method, test.target, nil))

			if response.Code != test.status {
				t.Errorf("status = %d, want %d", response.Code, test.status)
			}
			for header, want := range map[string]string{
				"Content-Type":           "application/json",
				"Cache-Control":          "no-store",
				"X-Content-Type-Options": "nosniff",
			} {
				if got := response.Header().Get(header); got != want {
					t.Errorf("%s = %q, want %q", header, got, want)
				}
			}
			var body map[string]string
			if err := json.Unmarshal(response.Body.Bytes(), &body); err != nil {
				t.Fatalf("body %q is no JSON object: %v", response.Body, err)
			}
			if body[test.field] != test.want {
				t.Errorf("%s = %q, want %q", test.field, body[test.field], test.want)
			}
		})
	}
}

func TestRequestsAreLoggedAtTheLevelTheyDeserve(t *testing.T) {
	tests := []struct {
		name  string
		path  string
		level string
	}{
		{"request", "/api/version", "INFO"},
		{"client error", "/nowhere", "INFO"},
		{"probe", "/healthz", "DEBUG"},
		{"failing probe", "/readyz", "DEBUG"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var log bytes.Buffer
			logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			request := httptest.NewRequest(http.MethodGet, test.path, nil)
			request.Header.Set("X-Request-Id", "abc123")
			newApp("v1.2.3", logger).handler().ServeHTTP(httptest.NewRecorder(), request)

			var line map[string]any
			if err := json.Unmarshal(log.Bytes(), &line); err != nil {
				t.Fatalf("log %q is no single JSON line: %v", log.String(), err)
			}
			if line["level"] != test.level || line["path"] != test.path || line["request_id"] != "abc123" {
				t.Errorf("logged %v, want level %s and path %s", line, test.level, test.path)
			}
		})
	}
}

func TestPanicBecomesAnError(t *testing.T) {
	var log bytes.Buffer
	app := newApp("v1.2.3", slog.New(slog.NewJSONHandler(&log, nil)))
	response := httptest.NewRecorder()
	broken := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("broken") })
	recovered(app, broken).ServeHTTP(response, httptest.NewRequest(http.MethodGet, "/", nil))

	if response.Code != http.StatusInternalServerError {
		t.Errorf("status = %d, want 500", response.Code)
	}
	if strings.Contains(response.Body.String(), "broken") || !strings.Contains(log.String(), "broken") {
		t.Errorf("the cause belongs in the log, not in the response %q", response.Body)
	}
}
