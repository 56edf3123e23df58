// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/dataconn/terraform-provider-dataconn/internal/cli"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSetEnvironment(t *testing.T) {
	for _, name := range []string{
		"TF_ACC", cli.PathVariable, "TF_ACC_PROVIDER_HOST", "TF_ACC_PROVIDER_NAMESPACE", "TF_CLI_CONFIG_FILE", "CHECKPOINT_DISABLE",
		"TF_LOG", "TF_ACC_LOG", "TF_ACC_LOG_PATH", "TF_ACC_TEMP_DIR", "TF_ACC_PERSIST_WORKING_DIR", "TF_ACC_TERRAFORM_VERSION", "OMNI_API_TOKEN", "REPORTER_TOKEN", "DATACONN_MAX_RETRIES",
	} {
		t.Setenv(name, "the developer's") // and so restored after the test
	}
	if err := setEnvironment(cli.CLI{Path: "/bin/tofu", Kind: cli.Tofu, Version: "1.12.6"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"TF_ACC":                     "1",
		cli.PathVariable:             "/bin/tofu",
		"TF_ACC_PROVIDER_HOST":       "registry.opentofu.org",
		"TF_ACC_PROVIDER_NAMESPACE":  "dataconn",
		"TF_CLI_CONFIG_FILE":         os.DevNull,
		"TF_ACC_LOG":                 "the developer's",
		"TF_ACC_LOG_PATH":            "the developer's",
		"TF_ACC_TEMP_DIR":            "the developer's",
		"TF_ACC_PERSIST_WORKING_DIR": "the developer's",
		"TF_LOG":                     "",
		"TF_ACC_TERRAFORM_VERSION":   "",
		"OMNI_API_TOKEN":             "",
		"REPORTER_TOKEN":             "",
		"DATACONN_MAX_RETRIES":       "",
	} {
		if got := os.Getenv(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestIsSet(t *testing.T) {
	for _, name := range []string{"test.list", "test.fuzz", "nosuch"} {
		if isSet(name) {
			t.Errorf("%s is set", name)
		}
	}
}

func TestFindLeak(t *testing.T) {
	if err := findLeak(); err != nil {
		t.Fatalf("before: %v", err)
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() { defer close(ended); <-end }()
	if err := findLeak(); err == nil {
		t.Error("a goroutine that stays is not reported")
	}
	close(end)
	<-ended
}
