package main

import (
	"log/slog"
	"testing"
	"time"
)

func TestReadSettings(t *testing.T) {
	defaults := settings{address: ":8080", drainDelay: 5 * time.Second, drainTimeout: 15 * time.Second}
	tests := []struct {
		name        string
		environment map[string]string
		want        settings
		fails       bool
	}{
		{"defaults", nil, defaults, false},
		{"everything set", map[string]string{
			"LISTEN_ADDRESS": "127.0.0.1:9000", "LOG_LEVEL": "debug", "DRAIN_DELAY": "0s", "DRAIN_TIMEOUT": "1m",
		}, settings{"127.0.0.1:9000", slog.LevelDebug, 0, time.Minute}, false},
		{"unknown level", map[string]string{"LOG_LEVEL": "loud"}, settings{}, true},
		{"duration without unit", map[string]string{"DRAIN_DELAY": "5"}, settings{}, true},
		{"negative duration", map[string]string{"DRAIN_TIMEOUT": "-1s"}, settings{}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := readSettings(func(name string) string { return test.environment[name] })
			if (err != nil) != test.fails {
				t.Fatalf("error = %v, want one: %t", err, test.fails)
			}
			if got != test.want {
				t.Errorf("settings = %+v, want %+v", got, test.want)
			}
		})
	}
}
