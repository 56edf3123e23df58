// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package cli

import (
	"os"
	"slices"
	"strings"
)

// prefixes are those of the variables that a CLI, the provider or its tests read.
var prefixes = []string{"TF_", "TOFU_", "OMNI_", "REPORTER_", "DATACONN_"}

// IsRead reports whether a CLI, the provider or its tests read an environment
// variable of this name.
func IsRead(name string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool {
		return strings.HasPrefix(strings.ToUpper(name), prefix) // Windows knows no case
	})
}

// CleanEnvironment is the environment of this process without what a CLI or the
// provider would read, with what keeps a CLI from asking questions, using colors,
// looking for updates and reading the user's configuration, and with settings
// such as "OMNI_API_TOKEN=t". The last setting of a name wins.
func CleanEnvironment(settings ...string) []string {
	environment := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return IsRead(name)
	})
	environment = append(environment, "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull,
		"TF_CLI_ARGS=-no-color", "TF_INPUT=0", "TF_IN_AUTOMATION=1")
	return append(environment, settings...)
}
