// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
	"github.com/dataconn/terraform-provider-dataconn/internal/release"
)

// consumer is somebody's machine that installs the provider from a mirror.
type consumer struct {
	*acctest.Session
	t *testing.T
}

const consumed = `
provider "dataconn" {}

data "dataconn_omni_connections" "all" {}

resource "dataconn_omni_connection" "analytics" {
  name     = "Analytics"
  dialect  = "postgres"
  host     = "db.example.com"
  port     = 5432
  database = "analytics"
  username = "omni"
  password = "a password"
}

output "count" {
  value = length(data.dataconn_omni_connections.all.connections)
}
`

// newConsumer writes a configuration for this version, and the CLI configuration
// that installs providers from one place only.
func newConsumer(t *testing.T, installation, version string, environment ...string) *consumer {
	t.Helper()
	omni := omnimock.Start(t, omnimock.Options{})
	omni.AddConnection(map[string]any{"name": "There already", "dialect": "postgres"})
	settings := append([]string{"OMNI_BASE_URL=" + omni.URL(), "OMNI_API_TOKEN=" + omni.Token()}, environment...)
	c := &consumer{acctest.NewSession(t, installation, settings...), t}
	c.WriteFile("main.tf", cli.RequiredProvider(version)+consumed)
	return c
}

// installs checks that init installs the archive and notes its hashes, that a
// plan works with what was installed, and that an init from the lock file alone
// is content with it.
func (c *consumer) installs(a release.Archive) {
	c.t.Helper()
	c.Run("init")
	hashes := must(release.Hashes(a.Path))
	lock := c.Read(".terraform.lock.hcl")
	if !strings.Contains(lock, `"`+hashes[0]+`"`) {
		c.t.Errorf("the lock file has not the hash %s:\n%s", hashes[0], lock)
	}
	output := c.Run("plan")
	if !strings.Contains(output, "Plan: 1 to add") || !regexp.MustCompile(`count\s+= 1`).MatchString(output) {
		c.t.Errorf("plan:\n%s", output)
	}
	if err := os.RemoveAll(filepath.Join(c.Dir, ".terraform")); err != nil {
		c.t.Fatal(err)
	}
	c.Run("init", "-lockfile=readonly")
}

// refuses checks that init fails for the checksum.
func (c *consumer) refuses() {
	c.t.Helper()
	if output := c.Fail("init"); !regexp.MustCompile(`(?i)checksum|hash`).MatchString(output) {
		c.t.Errorf("init should fail for the checksum:\n%s", output)
	}
}

// mirrored lays the archive out as a mirror.
func mirrored(t *testing.T, archives ...release.Archive) string {
	t.Helper()
	dir := t.TempDir()
	if err := release.Mirror(dir, archives); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A CLI installs from a folder, and refuses an archive that changed since the
// lock file was written.
func TestInstallFromFilesystemMirror(t *testing.T) {
	t.Parallel()
	a := archive(t)
	dir := mirrored(t, a)
	c := newConsumer(t, cli.FilesystemMirror(dir), version)
	c.installs(a)

	lock := c.Read(".terraform.lock.hcl")
	hashes := must(release.Hashes(a.Path))
	c.WriteFile(".terraform.lock.hcl", strings.ReplaceAll(lock, hashes[0], "h1:"+strings.Repeat("A", 43)+"="))
	if err := os.RemoveAll(filepath.Join(c.Dir, ".terraform")); err != nil {
		t.Fatal(err)
	}
	c.refuses()
}

// A CLI installs over the provider network mirror protocol, and refuses an
// archive that is not the one that the mirror's index names.
func TestInstallFromNetworkMirror(t *testing.T) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		t.Skip("there Go programs take trusted certificates from the system alone")
	}
	t.Parallel()
	a := archive(t)
	dir := mirrored(t, a)
	var requested []string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requested = append(requested, filepath.Base(r.URL.Path))
		http.FileServer(http.Dir(dir)).ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	trusted := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(trusted, block, 0o600); err != nil {
		t.Fatal(err)
	}
	installation := cli.NetworkMirror(server.URL + "/")

	c := newConsumer(t, installation, version, "SSL_CERT_FILE="+trusted)
	c.installs(a)
	for _, want := range []string{"index.json", version + ".json", a.Filename()} {
		if !strings.Contains(strings.Join(requested, " "), want) {
			t.Errorf("%s was not asked for, but %v", want, requested)
		}
	}

	for _, address := range release.Addresses() {
		index := filepath.Join(dir, filepath.FromSlash(address), version+".json")
		changed := regexp.MustCompile(`(h1:|zh:)[^"]{4}`).ReplaceAll(must(os.ReadFile(index)), []byte("${1}0000"))
		if err := os.WriteFile(index, changed, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	newConsumer(t, installation, version, "SSL_CERT_FILE="+trusted).refuses()

	if output := newConsumer(t, installation, version).Fail("init"); !strings.Contains(output, "certificate") {
		t.Errorf("init should not trust the mirror:\n%s", output)
	}
}

// The documents of a mirror are those of the protocol.
func TestMirrorDocuments(t *testing.T) {
	t.Parallel()
	a := archive(t)
	content := must(os.ReadFile(a.Path))
	archives := []release.Archive{a}
	for _, b := range []release.Archive{{Version: version, OS: "plan9", Arch: "arm"}, {Version: "0.2.0-rc.1", OS: "linux", Arch: "arm64"}} {
		b.Path = filepath.Join(filepath.Dir(a.Path), b.Filename())
		if err := os.WriteFile(b.Path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		archives = append(archives, b)
	}
	found := must(release.Archives(filepath.Dir(a.Path)))
	if len(found) != len(archives) {
		t.Fatalf("found %v", found)
	}
	dir := mirrored(t, found...)
	hashes := must(release.Hashes(a.Path))
	for _, address := range release.Addresses() {
		folder := filepath.Join(dir, filepath.FromSlash(address))
		var index struct{ Versions map[string]struct{} }
		decode(t, filepath.Join(folder, "index.json"), &index)
		if _, ok := index.Versions["0.2.0-rc.1"]; len(index.Versions) != 2 || !ok {
			t.Errorf("index.json has %v", index.Versions)
		}
		var packages struct {
			Archives map[string]struct {
				URL    string
				Hashes []string
			}
		}
		decode(t, filepath.Join(folder, version+".json"), &packages)
		got := packages.Archives["plan9_arm"]
		if len(packages.Archives) != 2 || got.URL != "terraform-provider-dataconn_0.1.0_plan9_arm.zip" || strings.Join(got.Hashes, " ") != strings.Join(hashes, " ") {
			t.Errorf("%s.json has %v", version, packages.Archives)
		}
	}
	if err := release.Mirror(t.TempDir(), nil); err == nil {
		t.Error("a mirror of nothing is no error")
	}
}

func decode(t *testing.T, path string, out any) {
	t.Helper()
	if err := json.Unmarshal(must(os.ReadFile(path)), out); err != nil {
		t.Fatal(err)
	}
}

// What a release build left in dist/ installs as well.
func TestInstallFromDist(t *testing.T) {
	t.Parallel()
	archives, err := release.Archives(filepath.Join(root, "dist"))
	if err != nil || len(archives) == 0 {
		t.Skip("there is no dist/: make release-snapshot")
	}
	for _, a := range archives {
		if a.OS == runtime.GOOS && a.Arch == runtime.GOARCH {
			newConsumer(t, cli.FilesystemMirror(mirrored(t, archives...)), a.Version).installs(a)
		}
	}
}
