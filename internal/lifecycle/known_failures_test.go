// Copyright (c) The dataconn Authors
// SPDX-License-Identifier: MPL-2.0

package lifecycle_test

// Why cells fail.
const (
	renamedUnnamed       = "the object is destroyed and made anew, and nothing names moved"
	renamedIsRefused     = "the create is refused because the object exists, with advice to import what this run destroys"
	createdFirst         = "the create is refused because the object exists, and the message does not name create_before_destroy"
	writeOnlyIsReturned  = "an element that turns out to be null becomes one with a write-only value"
	generatedIsInvalid   = "validation wants what the server does not return"
	valuesAreNotCompared = "a plan does not compare the values of two environments"
	dialectIsNotCompared = "a plan does not compare the dialect of a base that changes"
)

// knownFailures are the cells that fail, and why. A test fails when one of them
// works, so the table only shrinks.
var knownFailures = map[string]string{
	"replace, create before destroy; omni_connection_environment":              createdFirst,
	"replace_triggered_by, create before destroy; omni_connection_environment": createdFirst,
	"taint, create before destroy; omni_connection_environment":                createdFirst,
	"generated configuration; omni_connection; wif_audience":                   generatedIsInvalid,
	"generated configuration; omni_connection; wif_service_account_email":      generatedIsInvalid,
	"null element known at apply; omni_dbt_environment; variables":             writeOnlyIsReturned,

	"renamed, destroyed first; omni_connection_dbt": renamedUnnamed,
	"renamed, destroyed first; omni_user_attribute": renamedUnnamed,
	"renamed, destroyed first; reporter_connection": renamedUnnamed,

	"renamed, created first; reporter_connection": renamedIsRefused,
	"count becomes for_each; reporter_connection": renamedIsRefused,

	"change that replaces, create before destroy; reporter_connection": createdFirst,
	"replace, create before destroy; reporter_connection":              createdFirst,
	"replace_triggered_by, create before destroy; reporter_connection": createdFirst,
	"taint, create before destroy; reporter_connection":                createdFirst,

	"two environments of one base with one value":        valuesAreNotCompared,
	"the dialect of a base changes under an environment": dialectIsNotCompared,
}

// refusals are the cells in which Terraform asks for what cannot be, and words of
// the message that says so. Then everything is as it was, or the way back is
// open.
var refusals = map[string]string{
	"renamed, created first; omni_connection_environment": "moved block",
	"count becomes for_each; omni_connection_environment": "moved block",
	"renamed, created first; omni_user_attribute":         "moved block",
	"count becomes for_each; omni_user_attribute":         "moved block",

	"change that replaces, create before destroy; omni_connection_environment": "create_before_destroy",
	"change that replaces, create before destroy; omni_user_attribute":         "create_before_destroy",
	"replace, create before destroy; omni_user_attribute":                      "create_before_destroy",
	"replace_triggered_by, create before destroy; omni_user_attribute":         "create_before_destroy",
	"taint, create before destroy; omni_user_attribute":                        "create_before_destroy",
}
