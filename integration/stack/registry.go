package stack

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"tributary/integration/stack/fetch"
	"tributary/integration/stack/process"
)

const apicurioVersion = "2.5.11.Final"

// A Registry is Apicurio's schema registry, which keeps Avro schemas in memory:
// it forgets them when it is restarted.
type Registry struct {
	*process.Process
	port int
}

func startRegistry(ctx context.Context, site *site) (*Registry, error) {
	java, err := findJava()
	if err != nil {
		return nil, err
	}
	app, err := site.cache.Archive(ctx, fetch.Artifact{
		Group: "io.apicurio", Name: "apicurio-registry-app", Version: apicurioVersion, Type: "tar.gz", Classifier: "all",
	})
	if err != nil {
		return nil, err
	}
	r := &Registry{}
	dir := site.folder("registry")
	part := part{Kind: kindRegistry, Name: "registry"}
	r.Process, err = site.start(ctx, part, nil, 1, func(ports []int) (process.Command, error) {
		r.port = ports[0]
		return process.Command{
			Argv: []string{
				java, "-Xmx256m", "-Dquarkus.http.host=127.0.0.1", fmt.Sprintf("-Dquarkus.http.port=%d", r.port),
				"-jar", filepath.Join(app, "apicurio-registry-app-"+apicurioVersion+"-runner.jar"),
			},
			Dir:   dir,
			Log:   filepath.Join(dir, "registry.log"),
			Ready: r.ready,
		}, os.MkdirAll(dir, 0o755)
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// URL is the base of the registry's own interface, which the converter uses.
func (r *Registry) URL() string { return "http://" + address(r.port) + "/apis/registry/v2" }

// ConfluentURL is the base of the interface that Confluent's registry has too.
func (r *Registry) ConfluentURL() string { return "http://" + address(r.port) + "/apis/ccompat/v7" }

func (r *Registry) ready(ctx context.Context) error {
	return healthy(ctx, "http://"+address(r.port)+"/health/ready")
}

// healthy asks an address for 200 OK.
func healthy(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("asking %s: %w", url, err)
	}
	request.Close = true // no connection is kept, nor a goroutine for it
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking %s: %w", url, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("asking %s: %s", url, response.Status)
	}
	return nil
}
