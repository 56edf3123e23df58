// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package cli

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestCleanEnvironment(t *testing.T) {
	for _, name := range []string{
		"TF_LOG", "TF_CLI_ARGS_plan", "TF_WORKSPACE", "tf_data_dir", "TOFU_CLI_ARGS", "OMNI_API_TOKEN", "REPORTER_TOKEN", "DATACONN_MAX_RETRIES",
	} {
		t.Setenv(name, "the developer's")
	}
	t.Setenv("CHECKPOINT_DISABLE", "")
	t.Setenv("NOT_OMNI_BUT_SO_NAMED", "kept")
	clean := CleanEnvironment("OMNI_API_TOKEN=the mock's", "TF_CLI_ARGS=")
	for _, entry := range clean {
		if strings.Contains(entry, "the developer's") {
			t.Errorf("%s is still there", entry)
		}
	}
	for _, want := range []string{
		"NOT_OMNI_BUT_SO_NAMED=kept", "PATH=" + os.Getenv("PATH"), "OMNI_API_TOKEN=the mock's", "TF_CLI_CONFIG_FILE=" + os.DevNull, "CHECKPOINT_DISABLE=1", "TF_INPUT=0",
		"TF_CLI_ARGS=-no-color", "TF_IN_AUTOMATION=1",
	} {
		if !slices.Contains(clean, want) {
			t.Errorf("%s is missing", want)
		}
	}
	// The last of a name wins, so a setting comes after the default.
	if slices.Index(clean, "TF_CLI_ARGS=") < slices.Index(clean, "TF_CLI_ARGS=-no-color") {
		t.Error("a setting stands before the default that it replaces")
	}
}
