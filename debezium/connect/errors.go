package connect

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// What an [Error] can be, for [errors.Is].
var (
	// ErrNotFound says that there is no such connector.
	ErrNotFound = errors.New("no such connector")
	// ErrExists says that a connector of that name is already there.
	ErrExists = errors.New("the connector exists already")
	// ErrInvalid says that Connect or Debezium refused the configuration.
	ErrInvalid = errors.New("the configuration was refused")
	// ErrNotStopped says that offsets can only be changed of a connector
	// that is stopped.
	ErrNotStopped = errors.New("the connector is not stopped")
)

// Error is Kafka Connect's refusal of a request.
type Error struct {
	// Method and Path are the request's.
	Method, Path string
	// Status is the HTTP status.
	Status int
	// Message is what Connect says, without its closing advice to call the
	// validation endpoint.
	Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("Kafka Connect refused %s %s with %d: %s", e.Method, e.Path, e.Status, e.Message)
}

// Is tells the refusals apart that a caller may want to handle.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrExists:
		return e.Status == http.StatusConflict && strings.Contains(e.Message, "already exists")
	case ErrInvalid:
		return e.Status == http.StatusBadRequest && strings.Contains(e.Message, "onfiguration is invalid")
	case ErrNotStopped:
		return (e.Status == http.StatusConflict || e.Status == http.StatusBadRequest) &&
			strings.Contains(e.Message, "STOPPED state")
	}
	return false
}

func newError(r *call, status int, answer []byte) *Error {
	var said struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(answer, &said) != nil || said.Message == "" {
		// A proxy's page, or Jetty's before Connect is up.
		said.Message = http.StatusText(status)
	}
	message, _, _ := strings.Cut(said.Message, "\nYou can also find the above list of errors")
	return &Error{Method: r.method, Path: r.path, Status: status, Message: strings.TrimSpace(message)}
}

// isRebalance says that the request was surely not carried out.
func isRebalance(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.Status == http.StatusConflict
}

// unreachableError is a request that got no answer.
type unreachableError struct{ err error }

func (e *unreachableError) Error() string {
	return fmt.Sprintf("Kafka Connect does not answer: %v", e.err)
}

func (e *unreachableError) Unwrap() error { return e.err }
