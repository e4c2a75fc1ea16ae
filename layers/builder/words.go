package builder

import (
	"errors"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// plain takes the wrapping of the wire off an error: one clear line is left.
func plain(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if s, ok := status.FromError(errors.Unwrap(err)); ok && s.Code() != codes.Unknown && s.Code() != codes.OK {
		text = s.Message()
	}
	for _, noise := range []string{"failed to solve: ", "failed to run Build function: ", "listing workers for Build: ", "failed to list workers: ", "rpc error: code = Unknown desc = "} {
		text = strings.ReplaceAll(text, noise, "")
	}
	if _, cause, ok := strings.Cut(text, "error reading from server: "); ok {
		text = "the engine has gone: " + cause
	}
	if _, cause, ok := strings.Cut(text, `transport: Error while dialing: `); ok {
		text = strings.TrimSuffix(cause, `"`)
	}
	text = strings.Join(strings.Fields(text), " ")
	if text == err.Error() {
		return err
	}
	return &reworded{text, err}
}

// reworded is an error told in other words.
type reworded struct {
	text string
	err  error
}

// Error implements error.
func (r *reworded) Error() string { return r.text }

// Unwrap gives the error as it was told.
func (r *reworded) Unwrap() error { return r.err }
