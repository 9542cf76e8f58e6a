package registry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap"
)

// Config says where the registry is and how its ids stand in messages.
type Config struct {
	// URLs are the addresses of one registry: of Confluent's interface
	// (http://registry:8081, or Apicurio's http://…/apis/ccompat/v7), or of
	// Apicurio's own (http://…/apis/registry/v2, v3).
	URLs []string
	// User and Password are for basic authentication, Token is a bearer token.
	User, Password, Token string
	// CA are certificates in PEM to trust beside the system's.
	CA []byte
	// IDBytes is how many bytes of a message its schema's id takes behind the
	// magic byte: 4 as Confluent's converter writes it, and Apicurio's with
	// apicurio.registry.as-confluent=true; 8 as Apicurio's does otherwise.
	IDBytes int
	// IDKind is what the id is of, where Apicurio's own interface is asked:
	// [ContentID] or [GlobalID] (apicurio.registry.use-id). Empty stands for
	// content ids of 4 bytes and global ids of 8.
	IDKind IDKind

	// Log is told when the registry goes away and comes back; nil is silent.
	Log *zap.Logger

	transport http.RoundTripper
}

// IDKind is one of the two numbers Apicurio gives a schema.
type IDKind string

// ContentID numbers texts, GlobalID versions of artifacts.
const (
	ContentID IDKind = "content"
	GlobalID  IDKind = "global"
)

// requestTimeout bounds one request, of which the answer has at most some MB.
const requestTimeout = 5 * time.Second

// New returns a client of the registry. The error is about the configuration and
// holds no secret.
func New(c Config) (*Client, error) {
	if len(c.URLs) == 0 {
		return nil, errors.New("needs the address of the registry")
	}
	if c.IDBytes != 4 && c.IDBytes != 8 {
		return nil, fmt.Errorf("ids have 4 or 8 bytes, not %d", c.IDBytes)
	}
	if c.Token != "" && c.User != "" {
		return nil, errors.New("has a user and a token: set one of them")
	}
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	client := &Client{
		config: c, pace: patience(), known: make(map[uint64]answer), asked: make(map[uint64]*question),
		wake: make(chan struct{}, askers), counts: make(map[Outcome]uint64),
	}
	for _, text := range c.URLs {
		endpoint, err := c.endpoint(text)
		if err != nil {
			return nil, err
		}
		client.endpoints = append(client.endpoints, endpoint)
	}
	transport, err := c.roundTripper()
	if err != nil {
		return nil, err
	}
	client.http = &http.Client{Transport: transport, Timeout: requestTimeout}
	return client, nil
}

// endpoint is one address with the interface it has.
type endpoint struct {
	base string
	// apicurio is Apicurio's own interface.
	apicurio bool
	// ids is the path of schemas by their id.
	ids string
}

func (c *Config) endpoint(text string) (endpoint, error) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return endpoint{}, errors.New("the address is not of the form http://host:port/path") // it may hold a password
	case u.User != nil:
		return endpoint{}, errors.New("the address holds a user: give user and password on their own")
	case u.RawQuery != "" || u.Fragment != "":
		return endpoint{}, errors.New("the address ends with a query")
	}
	e := endpoint{base: u.String(), apicurio: strings.Contains(u.Path, "/apis/registry/"), ids: "/schemas/ids/"}
	if !e.apicurio {
		if c.IDKind == GlobalID {
			return e, errors.New("global ids are asked for at Apicurio's own interface: http://host:port/apis/registry/v2")
		}
		return e, nil
	}
	switch {
	case c.IDKind == GlobalID, c.IDKind == "" && c.IDBytes == 8:
		e.ids = "/ids/globalIds/"
	case c.IDKind == ContentID, c.IDKind == "":
		e.ids = "/ids/contentIds/"
	default:
		return e, fmt.Errorf("%q is neither %s nor %s", c.IDKind, ContentID, GlobalID)
	}
	return e, nil
}

func (c *Config) roundTripper() (http.RoundTripper, error) {
	if c.transport != nil {
		return c.transport, nil
	}
	t := &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: askers, IdleConnTimeout: 30 * time.Second,
		TLSHandshakeTimeout: requestTimeout, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if len(c.CA) > 0 {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(c.CA) {
			return nil, errors.New("the certificates to trust are not PEM: -----BEGIN CERTIFICATE-----")
		}
		t.TLSClientConfig.RootCAs = pool
	}
	return t, nil
}
