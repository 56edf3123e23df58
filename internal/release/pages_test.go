// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package release_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dataconn/terraform-provider-dataconn/internal/acctest"
	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

var (
	shellBlock     = regexp.MustCompile("(?ms)^```shell\n(.*?)^```")
	terraformBlock = regexp.MustCompile("(?ms)^```terraform\n(.*?)^```")
	includedFile   = regexp.MustCompile(`\{\{ tffile "(.*?)" \}\}`)
)

// What a page says to run works as it is printed, in its order, with what it says to
// write, against the mock server as it starts without flags.
func TestPagesAsPrinted(t *testing.T) {
	acctest.RequireWriteOnly(t)
	t.Parallel()
	for name, commands := range map[string][]string{
		"README.md": {"init", "apply"},
		"templates/guides/omni-environments.md.tmpl": {"init", "apply", "apply -var deletion_protection=false", "destroy"},
	} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			page := string(must(os.ReadFile(filepath.Join(root, name))))
			c := acctest.NewSession(t, cli.FilesystemMirror(mirrored(t, archive(t))), "TF_VAR_database_password=a password",
				"TF_CLI_ARGS_apply=-auto-approve", "TF_CLI_ARGS_destroy=-auto-approve") // nobody is there to say yes
			for variable, value := range acctest.ServeMock(t) {
				c.Setenv(variable, value)
			}
			for _, file := range includedFile.FindAllStringSubmatch(page, -1) {
				c.WriteFile(filepath.Base(file[1]), string(must(os.ReadFile(filepath.Join(root, file[1])))))
			}
			if !strings.Contains(page, "{{ tffile") {
				c.WriteFile("main.tf", terraformBlock.FindStringSubmatch(page)[1])
			}
			var run []string
			for _, block := range shellBlock.FindAllStringSubmatch(page, -1) {
				for line := range strings.Lines(block[1]) {
					command, isCommand := strings.CutPrefix(strings.TrimSpace(line), "terraform ")
					if !isCommand {
						continue
					}
					c.Run(strings.Fields(command)...)
					run = append(run, command)
					if command == "apply" {
						c.Run("plan", "-detailed-exitcode") // shows no changes
					}
				}
			}
			if strings.Join(run, "; ") != strings.Join(commands, "; ") {
				t.Errorf("the page says to run %q", run)
			}
		})
	}
}
