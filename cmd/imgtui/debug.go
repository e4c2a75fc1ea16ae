package main

import (
	"fmt"
	"log/slog"
	"os"
)

// debugLog is where lines go about what goes wrong and is nobody's business while
// it works all the same: the file that IMGTUI_DEBUG names, else nowhere.
func (p program) debugLog() (log *slog.Logger, end func(), err error) {
	name := p.env("IMGTUI_DEBUG")
	if name == "" {
		return slog.New(slog.DiscardHandler), func() {}, nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("IMGTUI_DEBUG: %w", err)
	}
	log = slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return log, func() { f.Close() }, nil
}
