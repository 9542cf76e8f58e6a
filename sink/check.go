package sink

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"time"
)

// Check asks a sink that runs on this host with the same environment, as
// os.Environ returns it, whether it lives: /healthz at HTTP_ADDR, which must
// answer within three seconds. It is the health check of containers that have
// no shell and no curl, so it needs no other setting.
func Check(ctx context.Context, environ []string) error {
	vars, err := Environment(environ)
	if err != nil {
		return err
	}
	field, _ := reflect.TypeFor[Config]().FieldByName("HTTPAddr")
	address := struct {
		Value string `env:"HTTP_ADDR"`
	}{field.Tag.Get("envDefault")}
	if err := ParseSettings(vars, &address); err != nil {
		return err
	}
	if err := CheckListen(address.Value); err != nil {
		return &SettingError{Name: Prefix + "HTTP_ADDR", Err: err}
	}
	host, port, _ := net.SplitHostPort(address.Value)
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "localhost" // either family: all addresses may be of one alone
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", http.NoBody)
	if err != nil {
		return fmt.Errorf("asking the sink's health: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the sink's health: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("asking the sink's health: it answers %s", answer.Status)
	}
	return nil
}
