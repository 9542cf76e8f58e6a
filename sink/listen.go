package sink

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// CheckListen says whether an address to serve at is one.
func CheckListen(address string) error {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return fmt.Errorf("%q is not of the form :9600 or host:9600", address)
	}
	return nil
}

// ListenError is why nothing can be served at the address of the setting with
// this name, without prefix.
func ListenError(name string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("%w: another process serves there, perhaps another tributary; give each an address of its own", err)
	}
	return &SettingError{Name: Prefix + name, Err: err}
}
