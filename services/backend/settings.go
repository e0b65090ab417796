package main

import (
	"fmt"
	"log/slog"
	"time"
)

type settings struct {
	address      string        // LISTEN_ADDRESS
	logLevel     slog.Level    // LOG_LEVEL: debug, info, warn, error
	drainDelay   time.Duration // DRAIN_DELAY: from "not ready" to refusing connections
	drainTimeout time.Duration // DRAIN_TIMEOUT: for open requests, after that
}

// readSettings reads the environment through getenv; unset variables keep their defaults.
func readSettings(getenv func(string) string) (settings, error) {
	read := settings{address: ":8080", drainDelay: 5 * time.Second, drainTimeout: 15 * time.Second}
	if value := getenv("LISTEN_ADDRESS"); value != "" {
		read.address = value
	}
	if value := getenv("LOG_LEVEL"); value != "" {
		if err := read.logLevel.UnmarshalText([]byte(value)); err != nil {
			return settings{}, fmt.Errorf("LOG_LEVEL: %w", err)
		}
	}
	for name, target := range map[string]*time.Duration{
		"DRAIN_DELAY":   &read.drainDelay,
		"DRAIN_TIMEOUT": &read.drainTimeout,
	} {
		value := getenv(name)
		if value == "" {
			continue
		}
		duration, err := time.ParseDuration(value)
		if err != nil || duration < 0 {
			return settings{}, fmt.Errorf("%s: %q is no duration such as 5s", name, value)
		}
		*target = duration
	}
	return read, nil
}
