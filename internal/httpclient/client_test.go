// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package httpclient

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dataconn/terraform-provider-dataconn/internal/secret"
)

func TestNewChecksTheConfiguration(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		config Config
		reason string
	}{
		"no address":        {Config{}, "base URL"},
		"bad address":       {Config{BaseURL: "https://u:hunter2@h"}, "base URL"},
		"bad certificate":   {Config{BaseURL: "https://h", CACertificate: "/etc/ca.pem"}, "CA certificate"},
		"token of two":      {Config{BaseURL: "https://h", Token: secret.New("hunter2\nhunter2")}, "token"},
		"user agent broken": {Config{BaseURL: "https://h", UserAgent: "a\r\nX: y"}, "user agent"},
	} {
		_, err := New(test.config)
		if err == nil {
			t.Errorf("%s: New() gave no error", name)
			continue
		}
		wantText(t, err.Error(), test.reason)
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error shows a secret: %v", name, err)
		}
	}
}

func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	type seen struct {
		uri, body string
		header    http.Header
	}
	requests := make(chan seen, 1)
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		requests <- seen{r.Method + " " + r.RequestURI, string(body), r.Header}
		ok(w, r)
	})
	client := newTestClient(t, s.URL+"/prefix/", func(c *Config) { c.Token = secret.New(" " + token + "\n") })
	for name, test := range map[string]struct {
		request   Request
		uri, body string
		header    map[string]string
	}{
		"plain": {
			Request{Method: "GET", Path: []string{"a", "b"}},
			"GET /prefix/a/b", "",
			map[string]string{"Authorization": "Bearer " + token, "Accept": "application/json", "User-Agent": "test/1", "Content-Type": ""},
		},
		"body": {
			Request{Method: "POST", Body: answer{"ü"}},
			"POST /prefix", `{"value":"ü"}`,
			map[string]string{"Content-Type": "application/json"},
		},
		"escapes": {
			Request{Method: "GET", Path: []string{"a b;c&ü"}, Query: url.Values{"q": {"a&b=c"}, "p": {"1", "2"}}},
			"GET /prefix/a%20b%3Bc&%C3%BC?p=1&p=2&q=a%26b%3Dc", "", nil,
		},
		"query of one": {
			Request{Method: "GET", Query: url.Values{"q": {"1"}}},
			"GET /prefix?q=1", "", nil,
		},
		"headers": {
			Request{Method: "DELETE", Header: http.Header{"x-product-name": {"p"}, "Authorization": {"Bearer other"}}},
			"DELETE /prefix", "",
			map[string]string{"X-Product-Name": "p", "Authorization": "Bearer other"},
		},
	} {
		if err := client.Do(t.Context(), test.request, nil); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := <-requests
		if got.uri != test.uri || got.body != test.body {
			t.Errorf("%s: sent %q with %q, want %q with %q", name, got.uri, got.body, test.uri, test.body)
		}
		for key, want := range test.header {
			if value := strings.Join(got.header.Values(key), ","); value != want {
				t.Errorf("%s: header %s is %q, want %q", name, key, value, want)
			}
		}
	}
}

func TestNoTokenNoHeader(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Values("Authorization"); got != nil {
			t.Errorf("Authorization = %q", got)
		}
		ok(w, r)
	})
	client := newTestClient(t, s.URL, func(c *Config) { c.Token = secret.String{} })
	if err := client.Do(t.Context(), get(), nil); err != nil {
		t.Error(err)
	}
}

func TestRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	s := newServer(t, ok)
	client := newTestClient(t, s.URL)
	for name, r := range map[string]Request{
		"empty segment":   get("a", "", "b"),
		"dot":             get("."),
		"dots":            get("a", ".."),
		"climbing":        get("../../admin"),
		"climbing inside": get(`a\..\b`),
		"two segments":    get("a/b"),
		"backslash":       get(`a\b`),
		"query":           get("a?b=c"),
		"fragment":        get("a#b"),
		"escape":          get("a%2fb"),
		"line break":      get("a\r\nX-Evil: 1"),
		"header":          {Method: "GET", Header: http.Header{"X-Name": {"hunter2\r\nX-Evil: 1"}}},
		"method":          {Method: "GET /"},
		"body":            {Method: "POST", Body: make(chan int)},
	} {
		e := fail(t, t.Context(), client, r)
		wantKind(t, e, KindInvalid)
		wantText(t, e.Error(), "was not sent")
		if strings.Contains(e.Error(), "hunter2") || e.OutcomeUnknown || e.Attempts != 0 {
			t.Errorf("%s: error = %+v", name, *e)
		}
	}
	s.expect(t, 0)
}

func TestProxyFromEnvironment(t *testing.T) {
	t.Parallel()
	var out answer
	if err := newTestClient(t, "http://upstream.invalid").Do(t.Context(), get("a"), &out); err != nil {
		t.Fatal(err)
	}
	if want := "proxied http://upstream.invalid/a"; out.Value != want {
		t.Errorf("answer = %q, want %q", out.Value, want)
	}
}

// A proxy that wants credentials of its own is told from the server, with the
// variable that has to be changed, and is not asked again.
func TestProxyRefuses(t *testing.T) {
	t.Parallel()
	for scheme, variable := range map[string]string{"http": "HTTP_PROXY", "https": "HTTPS_PROXY"} {
		e := fail(t, t.Context(), newTestClient(t, scheme+"://locked.invalid"), get("a"))
		wantText(t, e.Error(), "407 Proxy Authentication Required", "the proxy's answer, not the server's", "check "+variable, "NO_PROXY")
		if e.Attempts != 1 {
			t.Errorf("%s: %d attempts", scheme, e.Attempts)
		}
	}
}

// An https request goes through the proxy unseen: it learns the host, and no
// credentials.
func TestProxyTunnel(t *testing.T) {
	t.Parallel()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: theProxy.secure.Certificate().Raw})
	client := newTestClient(t, "https://example.com", func(c *Config) { c.CACertificate = string(certificate) })
	var out answer
	if err := client.Do(t.Context(), get("a"), &out); err != nil {
		t.Fatal(err)
	}
	if want := "example.com Bearer " + token; out.Value != want {
		t.Errorf("answer = %q, want %q", out.Value, want)
	}
	tunnel := <-theProxy.tunnels
	if tunnel.Host != "example.com:443" || strings.Contains(fmt.Sprint(tunnel.Header), token) {
		t.Errorf("the proxy was asked for %s with %v", tunnel.Host, tunnel.Header)
	}
	// The proxy does not make a wrong certificate right.
	e := fail(t, t.Context(), newTestClient(t, "https://other.example.net", func(c *Config) { c.CACertificate = string(certificate) }), get("a"))
	wantKind(t, e, KindTLS)
	wantText(t, e.Error(), "other.example.net")
	<-theProxy.tunnels
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply(200, `{"value":"`+r.Proto+`"}`)(w, r)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	var out answer
	if err := newTestClient(t, s.URL, func(c *Config) { c.InsecureSkipVerify = true }).Do(t.Context(), post(), &out); err != nil {
		t.Fatal(err)
	}
	if out.Value != "HTTP/2.0" {
		t.Errorf("protocol = %s", out.Value)
	}
}

func TestRedirectsOnTheSameServer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		method string
		follow bool
	}{
		"301 GET":    {301, "GET", true},
		"302 GET":    {302, "GET", true},
		"303 GET":    {303, "GET", true},
		"307 POST":   {307, "POST", true},
		"308 PATCH":  {308, "PATCH", true},
		"308 DELETE": {308, "DELETE", true},
		"301 POST":   {301, "POST", false},
		"302 DELETE": {302, "DELETE", false},
		"303 POST":   {303, "POST", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, reply(test.status, "", "Location", "/new?token=hunter2"),
				func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					if r.Method != test.method || r.Header.Get("Authorization") != "Bearer "+token ||
						test.method != "GET" && string(body) != `{"value":"x"}` {
						t.Errorf("redirected to %s with %q and body %q", r.Method, r.Header, body)
					}
					ok(w, r)
				})
			r := Request{Method: test.method}
			if r.Method != "GET" {
				r.Body = answer{"x"}
			}
			client := newTestClient(t, s.URL)
			if test.follow {
				var out answer
				if err := client.Do(t.Context(), r, &out); err != nil || out.Value != "ok" {
					t.Errorf("Do() = %q, %v", out.Value, err)
				}
				s.expect(t, 2)
				return
			}
			e := fail(t, t.Context(), client, r)
			wantKind(t, e, KindRedirect)
			wantText(t, e.Error(), s.URL, "base_url")
			if strings.Contains(e.Error(), "hunter2") || e.OutcomeUnknown != (test.status == 303) {
				t.Errorf("error = %+v", *e)
			}
			s.expect(t, 1)
		})
	}
}

func TestRedirectsElsewhere(t *testing.T) {
	t.Parallel()
	other := newServer(t, ok)
	secure := httptest.NewTLSServer(http.RedirectHandler(other.URL+"/x?token=hunter2", 307))
	t.Cleanup(secure.Close)
	client := newTestClient(t, secure.URL, func(c *Config) { c.InsecureSkipVerify = true })
	for _, r := range []Request{get(), post()} {
		e := fail(t, t.Context(), client, r)
		wantKind(t, e, KindRedirect)
		wantText(t, e.Error(), other.URL, "base_url")
		if strings.Contains(e.Error(), "hunter2") || e.OutcomeUnknown || e.Status != 307 || e.Attempts != 1 {
			t.Errorf("error = %+v", *e)
		}
	}
	other.expect(t, 0)

	for location, want := range map[string]string{
		"":                         "redirect",
		"http://[bad/?q=hunter2":   "cannot be read",
		"https://u:hunter2@evil/x": "https://evil",
		"//evil.example/x":         "http://evil.example",
		"/loop":                    "more than 5 times",
	} {
		s := newServer(t, reply(302, "", "Location", location))
		e := fail(t, t.Context(), newTestClient(t, s.URL), get())
		wantKind(t, e, KindRedirect)
		wantText(t, e.Error(), want)
		if location == "/loop" {
			s.expect(t, 1+maxRedirects)
		}
		if strings.Contains(e.Error(), "hunter2") {
			t.Errorf("error shows a secret: %v", e)
		}
	}
}

func TestOrigin(t *testing.T) {
	t.Parallel()
	for _, same := range [][2]string{{"https://A/x", "https://a:443"}, {"http://a:80", "http://a"}} {
		a, _ := url.Parse(same[0])
		b, _ := url.Parse(same[1])
		if origin(a) != origin(b) {
			t.Errorf("%s and %s differ", a, b)
		}
	}
}

// authority is a certificate authority for tests.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{certificate, key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
}

func (a *authority) issue(t *testing.T, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	change(template)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	asIs := func(*x509.Certificate) {}
	for name, test := range map[string]struct {
		certificate func(*x509.Certificate)
		maxVersion  uint16
		trust       func(*Config)
		want        string // "" is success
	}{
		"own authority":        {asIs, 0, func(c *Config) { c.CACertificate = ca.pem }, ""},
		"verification off":     {asIs, 0, func(c *Config) { c.InsecureSkipVerify = true }, ""},
		"authority not known":  {asIs, 0, func(*Config) {}, "ca_certificate"},
		"other authority":      {asIs, 0, func(c *Config) { c.CACertificate = newAuthority(t).pem }, "ca_certificate"},
		"TLS 1.2":              {asIs, tls.VersionTLS12, func(c *Config) { c.CACertificate = ca.pem }, ""},
		"TLS 1.1":              {asIs, tls.VersionTLS11, func(c *Config) { c.InsecureSkipVerify = true }, "protocol version"},
		"certificate expired":  {func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) }, 0, func(c *Config) { c.CACertificate = ca.pem }, "expired"},
		"certificate of other": {func(c *x509.Certificate) { c.IPAddresses = nil; c.DNSNames = []string{"other"} }, 0, func(c *Config) { c.CACertificate = ca.pem }, "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &server{}
			s.Server = httptest.NewUnstartedServer(s.handler(ok))
			s.TLS = &tls.Config{Certificates: []tls.Certificate{ca.issue(t, test.certificate)}, MinVersion: tls.VersionTLS10, MaxVersion: test.maxVersion}
			s.Config.ErrorLog = quiet()
			s.StartTLS()
			t.Cleanup(s.Close)
			client := newTestClient(t, s.URL, test.trust)
			if test.want == "" {
				var out answer
				if err := client.Do(t.Context(), post(), &out); err != nil {
					t.Error(err)
				}
				return
			}
			e := fail(t, t.Context(), client, post())
			wantKind(t, e, KindTLS)
			wantText(t, e.Error(), test.want)
			if e.Attempts != 1 || e.OutcomeUnknown {
				t.Errorf("error = %+v, want one attempt", *e)
			}
			s.expect(t, 0)
		})
	}
}

func TestTLSToPlainServer(t *testing.T) {
	t.Parallel()
	s := newServer(t, ok)
	e := fail(t, t.Context(), newTestClient(t, strings.Replace(s.URL, "http", "https", 1)), get())
	wantKind(t, e, KindTLS)
	wantText(t, e.Error(), "does not speak TLS on this port", "or write http://")
	if e.Attempts != 1 {
		t.Errorf("%d attempts", e.Attempts)
	}
}

// A server whose TLS this client refuses, in the middle of the handshake, would be
// refused again.
func TestTLSRefusedByTheClient(t *testing.T) {
	t.Parallel()
	client := newTestClient(t, "https://localhost", func(c *Config) {
		c.Dial = func(context.Context, string, string) (net.Conn, error) {
			here, there := net.Pipe()
			go func() { _, _ = io.Copy(io.Discard, there) }()
			go func() { _, _ = there.Write([]byte{21, 3, 3, 0, 1, 0}) }() // an alert of one byte; it has two
			return here, nil
		}
	})
	e := fail(t, t.Context(), client, get())
	wantKind(t, e, KindTLS)
	wantText(t, e.Error(), "tls: unexpected message", "ca_certificate")
	if e.Attempts != 1 {
		t.Errorf("%d attempts", e.Attempts)
	}
}

func TestPlainToTLSServer(t *testing.T) {
	t.Parallel()
	secure := httptest.NewUnstartedServer(http.HandlerFunc(ok))
	secure.Config.ErrorLog = quiet()
	secure.StartTLS()
	t.Cleanup(secure.Close)
	e := fail(t, t.Context(), newTestClient(t, strings.Replace(secure.URL, "https", "http", 1)), get())
	wantText(t, e.Error(), "400 Bad Request: Client sent an HTTP request to an HTTPS server.", "this port uses TLS: write https:// in the address")
}

// A client without a server to talk to sends nothing, and waits for nothing.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	s := newServer(t, ok)
	reason := errors.New("not yet known")
	client := newTestClient(t, s.URL, func(c *Config) { c.Unavailable = reason })
	if err := client.Do(t.Context(), get(), nil); !errors.Is(err, reason) || client.Turn(t.Context()) {
		t.Errorf("%v", err)
	}
	s.expect(t, 0)
}

// A path beside the version of the API keeps what stands before it.
func TestPathBesideTheBase(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://h/api/v1": "https://h/api/scim/v2", "https://h/proxy/api/v1": "https://h/proxy/api/scim/v2", "https://h/v1": "https://h/scim/v2", "https://h": "https://h/scim/v2",
	} {
		c, err := New(Config{BaseURL: base})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.address([]string{"scim", "v2"}, true); err != nil || got != want {
			t.Errorf("%s: %s %v", base, got, err)
		}
		if got, err := c.address([]string{"scim"}, false); err != nil || got != base+"/scim" {
			t.Errorf("%s: %s %v", base, got, err)
		}
	}
}
