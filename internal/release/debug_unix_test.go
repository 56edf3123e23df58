// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package release_test

import (
	"bufio"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
	"github.com/dataconn/terraform-provider-dataconn/internal/mock/omnimock"
)

// A provider that was started with -debug prints what a CLI attaches to it by,
// and then serves one command after another in the same process.
func TestDebug(t *testing.T) {
	t.Parallel()
	omni := omnimock.Start(t, omnimock.Options{EnvironmentList: true})
	omni.AddConnection(map[string]any{"name": "There already", "dialect": "postgres"})
	session := acctest.NewSession(t, "", "TF_REATTACH_PROVIDERS="+startDebug(t))
	session.Write(acctest.OmniProvider(omni) + `
data "dataconn_omni_connections" "all" {}

output "names" {
  value = data.dataconn_omni_connections.all.connections[*].name
}
`)
	for range 2 {
		if output := session.Run("apply", "-auto-approve"); !strings.Contains(output, "There already") {
			t.Errorf("the provider was not asked:\n%s", output)
		}
	}
}

var reattach = regexp.MustCompile(`TF_REATTACH_PROVIDERS='(.*)'`)

// startDebug starts the provider as CONTRIBUTING says, until the test ends, and
// returns what it says to set TF_REATTACH_PROVIDERS to.
func startDebug(t *testing.T) string {
	t.Helper()
	process := exec.CommandContext(t.Context(), must(cli.Provider()), "-debug", "-address="+acctest.Address("dataconn"))
	process.Env = cli.CleanEnvironment()
	process.Cancel = func() error { return process.Process.Signal(os.Interrupt) }
	process.WaitDelay = patience
	output := must(process.StdoutPipe())
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Wait() }) // the test's context has ended
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if match := reattach.FindStringSubmatch(lines.Text()); match != nil {
			return match[1]
		}
	}
	t.Fatalf("it does not say how to attach to it: %v", lines.Err())
	return ""
}
