// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package lifecycle_test

// knownFailures are the cells that fail, and why. A test fails when one of them
// works, so the table only shrinks.
var knownFailures = map[string]string{}

// refusals are the cells in which Terraform asks for what cannot be, and words of
// the message that says so. Then everything is as it was, or the way back is
// open.
var refusals = map[string]string{
	"renamed, created first; reporter_connection": "moved block",
	"count becomes for_each; reporter_connection": "moved block",

	"change that replaces, create before destroy; omni_connection_environment": "create_before_destroy",
	"change that replaces, create before destroy; omni_user_attribute":         "create_before_destroy",
	"change that replaces, create before destroy; reporter_connection":         "create_before_destroy",
	"replace, create before destroy; reporter_connection":                      "create_before_destroy",
	"replace_triggered_by, create before destroy; reporter_connection":         "create_before_destroy",
	"taint, create before destroy; reporter_connection":                        "create_before_destroy",
}
