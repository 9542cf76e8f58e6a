// Package page is the monitor's status page: one HTML file with its style and
// its script, none of them from elsewhere, so that it works in a network
// without the internet and on a phone at the till.
//
// The page only reads the monitor's JSON API. Every state has a sign and a word
// besides its colour.
package page

import (
	"embed"
	"net/http"
)

//go:embed index.html style.css app.js
var files embed.FS

// Handler serves the page. Its policy forbids the browser to load anything
// from other hosts or to run anything that stands in a text.
func Handler() http.Handler {
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-cache")
		server.ServeHTTP(w, r)
	})
}
