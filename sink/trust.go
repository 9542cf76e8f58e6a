package sink

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
)

// trust turns TLS on, to a central database with a certificate of one's own
// authority. For others the DSN's tls parameter is enough.
func (c *Config) trust() error {
	if c.CentralCA == "" {
		return nil
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(c.CentralCA)) {
		return errors.New("holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
	}
	host, _, err := net.SplitHostPort(c.central.Addr)
	if err != nil {
		host = c.central.Addr
	}
	c.central.TLS = &tls.Config{RootCAs: roots, ServerName: host, MinVersion: tls.VersionTLS12}
	return nil
}
